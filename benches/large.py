"""Time and memory of `vgae run --engine native` against the size of the graph: R-MAT graphs, Parquet to Parquet.

    python3 benches/large.py target/release/vgae FOLDER [NODES EDGES DIMENSIONS]...

Prints a Markdown table. Without sizes: 1,000,000 to 100,000,000 edges; a billion takes 16 GB of memory and 12 GB of disk.
Graphs that are in FOLDER already are used again.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

SIZES = [(100_000, 1_000_000, 64), (1_000_000, 10_000_000, 64), (10_000_000, 100_000_000, 32)]
PHASES = ["ingest", "split", "embed", "export", "eval"]
PIPELINE = """[data]
edges = "edges.parquet"
source = "source"
target = "target"
nodes = "nodes.parquet"
[split]
validation = {validation}
test = {test}
[model]
method = "fastrp"
dimensions = {dimensions}
"""


def measured(command):
    """Returns the seconds and the largest resident memory in MB of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(map(str, command))} has failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1000


def main():
    program, folder, *numbers = sys.argv[1:]
    numbers = [int(number) for number in numbers]
    sizes = list(zip(numbers[::3], numbers[1::3], numbers[2::3])) or SIZES
    print("| nodes | edges | dimensions | " + " | ".join(f"{phase}, s" for phase in PHASES) + " | all, s | memory, MB | test AUC, AP |")
    print("|---:" * (len(PHASES) + 5) + "|---|")
    for nodes, edges, dimensions in sizes:
        graph = Path(folder) / f"{nodes}-{edges}"
        if not (graph / "pipeline.toml").exists():
            measured([program, "generate-graph", "rmat", "--nodes", str(nodes), "--edges", str(edges), "--out", graph])
        # At most half a million validation pairs.
        held_out = min(0.05, 500_000 / edges)
        text = PIPELINE.format(validation=held_out, test=2 * held_out, dimensions=dimensions)
        (graph / "big.toml").write_text(text)
        out = graph / "out"
        seconds, memory = measured([program, "run", graph / "big.toml", "--engine", "native", "--out", out])
        phases = dict(json.loads((out / "run.json").read_text())["seconds"])
        test = json.loads((out / "metrics.json").read_text())["test"]
        print(
            f"| {nodes:,} | {edges:,} | {dimensions} | "
            + " | ".join(f"{phases[phase]:.2f}" for phase in PHASES)
            + f" | {seconds:.1f} | {memory:,.0f} | {100 * test['auc']:.2f}, {100 * test['ap']:.2f} |",
            flush=True,
        )


main()
