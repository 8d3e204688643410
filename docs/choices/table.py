"""The tables in docs/spectral.md, docs/deepwalk.md, docs/fastrp.md and docs/prone.md: every row is a configuration, run
on the program's own splits and judged by validation pairs alone.

    python3 docs/choices/table.py PROGRAM sc|dw|fastrp|prone OUT [DATASET=RUNS ...]

PROGRAM is the compiled `vgae`, OUT a folder for the runs, DATASET a name or an edge table that ends in `.csv`. Python's
standard library is enough. By default 5 splits of Cora and Citeseer, 2 of Pubmed. Rows appear as they are done; runs that
stand in OUT are not made again.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

SPECTRAL = [
    {"regularisation": "none", "scaling": "none"},
    {"regularisation": "none", "scaling": "sqrt-eigenvalue"},
    {"regularisation": "none", "scaling": "sqrt-degree"},
    {"strength": 0.005},
    {"strength": 0.01},
    {},
    {"strength": 0.05},
    {"strength": 0.2},
    {"strength": 1.0},
    {"strength": 1.0, "scaling": "none"},
    {"strength": 1.0, "scaling": "sqrt-degree"},
]
FASTRP = [
    {"feature_weight": 0.0, "degree_power": -0.5},
    {"feature_weight": 0.0, "degree_power": 0.0},
    {"feature_weight": 0.0},
    {"feature_weight": 0.0, "degree_power": 1.0},
    {"feature_weight": 0.0, "hop_weights": [0.0, 0.0, 1.0]},
    {"feature_weight": 0.0, "hop_weights": [1.0, 1.0, 1.0, 1.0]},
    {"feature_weight": 0.0, "hop_weights": [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]},
    {"feature_weight": 0.0, "dimensions": 64},
    {"feature_weight": 0.0, "dimensions": 256},
    {"feature_weight": 0.5},
    {},
    {"feature_weight": 2.0},
    {"feature_weight": 4.0},
    {"feature_weight": 4.0, "dimensions": 256},
    {"feature_weight": 4.0, "hop_weights": [0.0, 1.0, 1.0]},
    {"feature_weight": 4.0, "hop_weights": [1.0]},
]
DEEPWALK = [
    {"learning_rate": 0.05},
    {"learning_rate": 0.025},
    {},
    {"learning_rate": 0.005},
    {"passes": 2},
    {"p": 2.0, "q": 0.5},
    {"p": 0.5, "q": 2.0},
    {"objective": "negative-sampling"},
    {"objective": "negative-sampling", "learning_rate": 0.025},
]
PRONE = [
    {"feature_weight": 0.0},
    {"feature_weight": 0.0, "power_iterations": 0},
    {"feature_weight": 0.0, "power_iterations": 1},
    {"feature_weight": 0.0, "power_iterations": 4},
    {"feature_weight": 0.0, "negative_exponent": 0.5},
    {"feature_weight": 0.0, "negative_exponent": 1.0},
    {"feature_weight": 0.0, "filter_order": 3},
    {"feature_weight": 0.0, "filter_order": 10},
    {"feature_weight": 0.0, "filter_centre": -0.2},
    {"feature_weight": 0.0, "filter_centre": 0.5},
    {"feature_weight": 0.0, "filter_scale": 1.0},
    {"feature_weight": 0.0, "dimensions": 64},
    {"feature_weight": 0.0, "dimensions": 256},
    {},
    {"feature_weight": 1.0},
    {"feature_weight": 4.0},
    {"feature_dimensions": 64},
    {"feature_dimensions": 256},
]
METHODS = {"sc": SPECTRAL, "dw": DEEPWALK, "fastrp": FASTRP, "prone": PRONE}


def mean_points(out, dataset, method, runs, metric):
    values = []
    for seed in range(runs):
        path = out / "runs" / f"{dataset}-{method}-s{seed}" / "metrics.json"
        values.append(100 * json.loads(path.read_text())["validation"][metric])
    return statistics.mean(values)


def main():
    program, method, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    datasets = dict(pair.split("=") for pair in sys.argv[4:]) or {"cora": 5, "citeseer": 5, "pubmed": 2}
    rows = METHODS[method]
    out.mkdir(parents=True, exist_ok=True)
    print("| configuration |", " | ".join(datasets), "|")
    print("|---|" + "---|" * len(datasets))
    for row in rows:
        cells = []
        name = "-".join(f"{key}-{value}" for key, value in row.items()) or "default"
        for dataset, runs in datasets.items():
            settings = "\n".join(f"{key} = {json.dumps(value)}" for key, value in row.items())
            pipeline = out / f"{name}-{dataset}.toml"
            pipeline.write_text(
                f'[model]\nmethod = "{method}"\n{settings}\n'
                f'[grid]\ndatasets = ["{dataset}"]\nruns = {runs}\n'
            )
            folder = out / f"{name}-{dataset}"
            command = [program, "--quiet", "run", pipeline, "--out", folder]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            auc, ap = (mean_points(folder, dataset, method, int(runs), m) for m in ("auc", "ap"))
            cells.append(f"{auc:.1f} / {ap:.1f}")
        said = ", ".join(f"{key} = {value}" for key, value in row.items()) or "default"
        print("|", said, "|", " | ".join(cells), "|", flush=True)


main()
