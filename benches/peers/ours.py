"""Our side of a comparison: runs a pipeline with the compiled program and prints its figures as a peer does.

The seconds of an epoch come from history.parquet; unlike a peer's they include scoring the validation pairs.
Seconds of a whole training and the peak of memory come from manifest.json; the peak is that of the whole
process, from reading raw files to the last stage.
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
from common import say


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("pipeline", type=Path)
    parser.add_argument("run", type=Path, help="folder for the run")
    parser.add_argument("data", type=Path, help="folder that the peer reads; its split must be the run's")
    asked = parser.parse_args()
    command = [asked.program, "--quiet", "run", asked.pipeline, "--out", asked.run]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if (asked.data / "split.parquet").exists():
        mine, theirs = (pq.read_table(folder / "split.parquet") for folder in (asked.run, asked.data))
        if not mine.equals(theirs):
            raise SystemExit(f"the split in {asked.run} is not the one in {asked.data}")
    stages = json.loads((asked.run / "manifest.json").read_text())["stages"]
    machines = {stage["stage"]: stage["machine"] for stage in stages}
    peak = max(machine["peak_memory_bytes"] or 0 for machine in machines.values())
    test = json.loads((asked.run / "metrics.json").read_text())["test"]
    figures = {"seconds": machines["train"]["seconds"], "peak_mb": peak / 1e6}
    if epochs := pq.read_table(asked.run / "history.parquet")["seconds"].to_pylist():
        figures |= {"epoch_ms": 1e3 * statistics.median(epochs[1:] or epochs), "epochs": len(epochs)}
    if "negative_elbo" in test:
        say(**figures, bound=test["negative_elbo"])
    else:
        say(**figures, auc=100 * test["auc"], ap=100 * test["ap"])


main()
