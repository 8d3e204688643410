"""What the sampled loss costs in accuracy: test AUC / AP beside the exact loss, mean over seeds.

    python3 benches/sampled.py PROGRAM OUT [--runs 10]

PROGRAM is the compiled `vgae`, OUT a folder for its runs. Prints a Markdown table. Needs the standard library
alone.
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

DATASETS = ["cora", "citeseer", "pubmed"]
METHODS = ["gae", "vgae"]
NEGATIVES = ['"all"', "1", "5"]


def cells(program, out, negatives, runs):
    """AUC and AP of each dataset and method, means over `runs` seeds."""
    folder = out / f"negatives-{negatives.strip(chr(34))}"
    out.mkdir(parents=True, exist_ok=True)
    pipeline = folder.with_suffix(".toml")
    pipeline.write_text(
        f"[model]\nnegatives = {negatives}\n[grid]\ndatasets = {json.dumps(DATASETS)}\n"
        f"methods = {json.dumps(METHODS)}\nruns = {runs}\n"
    )
    command = [program, "--quiet", "run", pipeline, "--out", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found = {}
    for dataset in DATASETS:
        for method in METHODS:
            paths = [folder / "runs" / f"{dataset}-{method}-s{seed}" / "metrics.json" for seed in range(runs)]
            tests = [json.loads(path.read_text())["test"] for path in paths]
            found[dataset, method] = " / ".join(
                f"{100 * statistics.mean(test[metric] for test in tests):.1f}" for metric in ("auc", "ap")
            )
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--runs", type=int, default=10)
    asked = parser.parse_args()
    columns = [cells(asked.program, asked.out, negatives, asked.runs) for negatives in NEGATIVES]
    print("| | " + " | ".join("all pairs" if n == '"all"' else f"{n} an edge" for n in NEGATIVES) + " |")
    print("|---" * (len(NEGATIVES) + 1) + "|")
    for dataset, method in columns[0]:
        figures = " | ".join(column[dataset, method] for column in columns)
        print(f"| {dataset.capitalize()}, {method.upper()} | {figures} |")


main()
