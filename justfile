# Every habit of this project by name. `just` alone lists them.

_default:
    @just --list --unsorted

# Table 1 of the paper beside its numbers (add --quick for two runs a cell)
reproduce *args:
    cargo run --release -- reproduce {{args}}

# The whole chain on a small built-in graph
demo:
    cargo run --release -- demo

# Everything the README promises, tested
test *args:
    cargo test --workspace {{args}}

# Build the Python package, and test it in a fresh environment (arguments are those of pytest)
test-python *args:
    bash crates/python/check {{args}}

# Check `scale/`, graph-wide steps on DataFusion and Spark; the first time compiles for about an hour of CPU time
test-scale *edges:
    bash scale/check {{edges}}

# Format, clippy and docs, warnings denied
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Fuzz every reader, or those named, for so many seconds each (nightly, `cargo install cargo-fuzz`)
fuzz seconds="600" *targets:
    bash fuzz/run {{seconds}} {{targets}}

# Kill runs at random moments until so many have died; each must end with the same bytes
kill-test deaths="200":
    VGAE_KILLS={{deaths}} cargo test --workspace --test end_to_end -- --ignored --nocapture runs_killed_at_random

# Read changed seeds and bombs with every reader, in 512 MB of memory; `first` continues an earlier soak
soak executions="1000000" first="0":
    VGAE_EXECUTIONS={{executions}} VGAE_FIRST={{first}} cargo test --workspace --test end_to_end -- --ignored --nocapture --exact hostile_files::soak

# Licences, duplicates, sources and known advisories of the dependencies (`cargo install --locked cargo-deny`)
deny:
    cargo deny check

# What this program is, runs on, has and would need
doctor:
    cargo run --release -- doctor

# Time each operation and whole epochs, by dataset and threads (a word picks some: `just bench pubmed`)
bench *args:
    cargo bench -p vgae-model --bench epoch --bench autoencoder -- {{args}}

# The operations of an epoch beside what this machine can do
bench-roofline:
    cargo bench -p vgae-model --bench roofline

# Build the API documentation and open it
docs:
    cargo doc --workspace --no-deps --open

# The picture of the README, docs/images/report.png: the report of `vgae demo` in headless Chromium
picture:
    cargo run --release -- demo --out target/picture
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1200,1010 \
        --screenshot=docs/images/report.png "file://{{justfile_directory()}}/target/picture/report.html"

# Build the book of the documentation into target/book (`cargo install --locked mdbook`)
book:
    mdbook build docs -d {{justfile_directory()}}/target/book

# Beside PyTorch, PyTorch Geometric, scikit-learn and gensim; makes a Python environment (3 GB) in target/
bench-peers *args:
    cargo build --release
    python3 -m venv target/peer-env
    target/peer-env/bin/pip install --quiet --requirement benches/peers/requirements.txt
    target/peer-env/bin/python benches/peers/run.py {{args}}

# Time and memory against the size of the graph, up to 1,000,000 nodes and 10,000,000 edges; two minutes
bench-scaling *args:
    cargo build --release
    python3 -m venv target/peer-env
    target/peer-env/bin/pip install --quiet pyarrow
    target/peer-env/bin/python benches/scaling.py target/release/vgae target/scaling {{args}}

# Very large graphs in memory: time and memory, and a propagation step beside gathers of cache lines
bench-large *args:
    cargo build --release
    python3 benches/large.py target/release/vgae target/large {{args}}
    cargo bench -p vgae-large --bench propagation

# What CI runs
ci:
    bash .ci/run

# Make the golden files again; needs a Python with torch, numpy, scipy and scikit-learn, and a folder with
# cora.content and cora.cites
golden python cora:
    {{python}} tests/golden/torch_gae.py {{cora}}
    {{python}} tests/golden/sklearn_metrics.py
    {{python}} tests/golden/sklearn_samples.py
    {{python}} tests/golden/sklearn_nodes.py
    {{python}} tests/golden/sklearn_platt.py
    {{python}} tests/golden/make_numpy.py
    {{python}} tests/golden/torch_autoencoder.py > tests/golden/torch_autoencoder.json
    {{python}} tests/golden/torch_directed.py > tests/golden/torch_directed.json
    {{python}} tests/golden/torch_bilinear.py > tests/golden/torch_bilinear.json
