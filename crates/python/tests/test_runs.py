"""The command, and runs of pipeline files."""

import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import vgae

ROOT = Path(__file__).parents[3]
KARATE = """
name = "club"
seed = 4
[data]
dataset = "karate"
[model]
method = "vgae*"
epochs = 30
[export]
formats = ["npy"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run by the command."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "club.toml").write_text(KARATE)
    command([sys.executable, "-m", "vgae"], "run", folder / "club.toml", "--out", folder / "out")
    return folder / "out"


def command(program, *arguments, code=0):
    done = subprocess.run([*program, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def test_the_wheel_has_the_command(tmp_path):
    vgae_command = [Path(sysconfig.get_path("scripts")) / "vgae"]
    version = command(vgae_command, "--version").stdout
    assert vgae.__version__ in version
    command(vgae_command, "demo", "--out", tmp_path / "named")
    stages = vgae.open_run(tmp_path / "named").manifest["stages"]
    assert {stage["machine"]["program"] for stage in stages} == {version.strip()}
    assert "Usage: vgae" in command(vgae_command, "--help").stdout
    assert "test" in command(vgae_command, "demo", "--out", tmp_path / "demo").stdout
    assert "similar" in command(vgae_command, "demo", "--ouut", "y", code=2).stderr
    missing = command(vgae_command, "run", tmp_path / "none.toml", code=2)
    assert missing.stderr.startswith("error: ")
    with pytest.raises(vgae.Error) as error:
        vgae.run(tmp_path / "none.toml")
    assert missing.stderr == f"error: {error.value}\n", "the same message"


def test_a_run_in_python_is_that_of_the_command(folder, tmp_path):
    (tmp_path / "club.toml").write_text(KARATE)
    run = vgae.run(tmp_path / "club.toml", out=tmp_path / "out")
    by_command = vgae.open_run(folder)
    assert (run.folder / "latent.safetensors").read_bytes() == (folder / "latent.safetensors").read_bytes()
    assert run.metrics == by_command.metrics
    assert vgae.run(tmp_path / "club.toml", out=tmp_path / "other", seed=5).manifest["seed"] == 5
    programs = [[stage["machine"]["program"] for stage in each.manifest["stages"]] for each in (run, by_command)]
    assert programs[0] == programs[1], "with the commit"


def test_an_estimator_has_the_bits_of_the_command(folder):
    run = vgae.open_run(folder)
    nodes = run.nodes
    ids = nodes["id"]
    edges = np.stack([ids[run.edges["src"]], ids[run.edges["dst"]]], axis=1)
    graph = vgae.Graph.from_edges(edges, nodes=ids, labels=nodes["label"])
    split = vgae.split(graph, seed=4)
    assert split.pairs.to_pydict() == run.split.pairs.to_pydict()
    model = vgae.VGAEStar(epochs=30, seed=4).fit(split)
    assert model.embedding_.tobytes() == run.embedding.tobytes()
    assert vgae.evaluate(model).auc == run.metrics["test"]["auc"]
    assert vgae.evaluate(model).metrics["nodes"] == run.metrics["nodes"]


def test_edges_without_nodes_are_numbered_as_by_the_command(tmp_path):
    rng = np.random.default_rng(1)
    edges = rng.integers(0, 900, (400, 2))
    np.savetxt(tmp_path / "edges.csv", edges, fmt="%d", delimiter=",", header="a,b", comments="")
    (tmp_path / "own.toml").write_text(
        'name = "own"\n[data]\nedges = "edges.csv"\n[model]\nmethod = "gae*"\nepochs = 20\nnegatives = 1\n'
    )
    run = vgae.run(tmp_path / "own.toml", out=tmp_path / "out")
    graph = vgae.Graph.from_edges(edges)
    assert graph.ids.tolist() == run.graph.ids.tolist()
    model = vgae.GAEStar(epochs=20, negatives=1).fit(vgae.split(graph))
    assert model.embedding_.tobytes() == run.embedding.tobytes()


def test_what_a_run_has(folder):
    run = vgae.open_run(folder)
    assert run.manifest["method"] == "vgae*" and len(run.nodes) == 34 and len(run.edges) == 78
    assert len(run.history) == 30 and len(run.scores) > 0
    assert run.embedding.shape == run.estimator.embedding_.shape
    assert (run.embedding == run.estimator.embedding_).all()
    assert run.estimator.get_params()["epochs"] == 30 and run.estimator.seed == 4
    links = run.missing_links(5)
    assert len(links) == 5 and links["src_id"].dtype == np.int64
    near = run.neighbors(34, 3)
    assert len(near) == 3
    with pytest.raises(vgae.Error, match="spelled most like it"):
        run.neighbors(99)
    assert "<svg" in run._repr_html_() and "karate" in repr(run)


def test_missing_links_are_those_of_the_command(tmp_path):
    (tmp_path / "club.toml").write_text(KARATE.replace("[model]", "[split]\nvalidation = 0.3\n[model]"))
    run = vgae.run(tmp_path / "club.toml", out=tmp_path / "out")
    for missing in (None, 40):
        theirs = run.missing_links(5, missing=missing)
        mine = run.estimator.missing_links(5, missing=missing)
        assert mine["source"].tolist() == theirs["src_id"].tolist()
        assert mine["target"].tolist() == theirs["dst_id"].tolist()
        for name in theirs.column_names[6:]:
            assert mine[name].tolist() == theirs[name].tolist(), name
        assert 0 < mine["probability"][0] <= 1
    assert set(run.estimator.set_params(seed=4).fit(run.graph).missing_links(2)["probability"]) == {None}


def test_the_progress_of_a_run(tmp_path, capsys):
    (tmp_path / "grid.toml").write_text(
        'name = "grid"\n[data]\ndataset = "karate"\n[model]\nepochs = 3000\n[grid]\nmethods = ["gae*"]\nruns = 2\n'
    )
    seen = []
    vgae.run(tmp_path / "grid.toml", out=tmp_path / "out", progress=lambda *values: seen.append(values))
    training = [values for values in seen if values[0].endswith(": train")]
    assert training and training[-1][0].startswith("[") and "/2 runs] " in training[-1][0]
    assert any(total == 3000 and 0 < done <= 3000 and isinstance(loss, float) for _, done, total, loss in training)
    vgae.run(tmp_path / "grid.toml", out=tmp_path / "shown", threads=1, progress=True)
    shown = capsys.readouterr().err
    assert "\r" in shown and "train" in shown and shown.endswith(" \r")
    vgae.run(tmp_path / "grid.toml", out=tmp_path / "silent", progress=False)
    assert capsys.readouterr().err == ""

    def broken(*_):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        vgae.run(tmp_path / "grid.toml", out=tmp_path / "broken", seed=9, progress=broken)


def test_an_interrupt_ends_a_run_which_can_go_on(tmp_path):
    text = KARATE.replace("epochs = 30", "epochs = 1000000")
    (tmp_path / "club.toml").write_text(text)
    # Processes that a shell starts in the background ignore interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        vgae.run(tmp_path / "club.toml", out=tmp_path / "out")
    assert time.monotonic() - started < 20
    with pytest.raises(vgae.Error):
        vgae.open_run(tmp_path / "out")
    (tmp_path / "club.toml").write_text(KARATE)
    assert vgae.run(tmp_path / "club.toml", out=tmp_path / "out").metrics


def test_a_grid(tmp_path):
    (tmp_path / "grid.toml").write_text(
        'name = "grid"\n[data]\ndataset = "karate"\n[model]\nepochs = 5\n[grid]\nmethods = ["gae*", "vgae*"]\nruns = 2\n'
    )
    grid = vgae.run(tmp_path / "grid.toml", out=tmp_path / "out")
    assert len(grid.runs) == 4 and len(grid.results) > 0
    assert len(vgae.open_run(tmp_path / "out").runs) == 4
    with pytest.raises(vgae.Error, match="found none with manifest.json"):
        vgae.open_run(tmp_path)
