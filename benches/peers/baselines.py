"""SC and DW beside what a user would run instead: scikit-learn's SpectralEmbedding, gensim's skip-gram.

    python3 -m venv peer-env && peer-env/bin/pip install scikit-learn gensim pyarrow
    peer-env/bin/python benches/peers/baselines.py PROGRAM OUT [DATASET ...] [--times K]

PROGRAM is the compiled `vgae`, OUT a folder for its runs. Both work on the same training edges (this
program's split, seed by seed), in turn, K times (3), on as many threads as there are cores. Printed are the
median seconds of training alone (walks and vectors, or eigenvectors; no reading, no evaluation), their
ratio with its range over the rounds, and AUC / AP on the test pairs of both, by inner product.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from gensim.models import Word2Vec
from scipy.sparse import coo_matrix
from sklearn.manifold import SpectralEmbedding
from sklearn.metrics import average_precision_score, roc_auc_score


def adjacency(run):
    split = pq.read_table(run / "split.parquet").to_pydict()
    nodes = pq.read_table(run / "nodes.parquet", columns=["node"]).num_rows
    rows = list(zip(split["src"], split["dst"], split["part"], split["positive"]))
    train = np.array([(a, b) for a, b, part, _ in rows if part == "train"])
    ends = np.r_[train, train[:, ::-1]]
    graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes)).tocsr()
    return graph, [(a, b, positive) for a, b, part, positive in rows if part == "test"]


def sc(graph, seed):
    affinity = graph.toarray() if graph.shape[0] < 5000 else graph
    embedding = SpectralEmbedding(n_components=128, affinity="precomputed", random_state=seed)
    return embedding.fit_transform(affinity)


def dw(graph, seed):
    rng = np.random.default_rng(seed)
    starts, ends, nodes = graph.indptr, graph.indices, graph.shape[0]
    walks = []
    for _ in range(10):
        for node in rng.permutation(nodes):
            walk = [node]
            while len(walk) < 80:
                first, last = starts[walk[-1]], starts[walk[-1] + 1]
                if first == last:
                    break
                walk.append(ends[rng.integers(first, last)])
            walks.append([str(node) for node in walk])
    model = Word2Vec(
        walks, vector_size=128, window=10, min_count=0, sg=1, hs=1, negative=0, epochs=1, seed=seed,
        workers=os.cpu_count(),
    )
    return np.array([model.wv[str(node)] for node in range(nodes)])


def judge(vectors, pairs):
    scores = [float(vectors[a] @ vectors[b]) for a, b, _ in pairs]
    truth = [positive for *_, positive in pairs]
    return roc_auc_score(truth, scores), average_precision_score(truth, scores)


def ours(program, out, dataset, method, seed):
    run = out / f"{dataset}-{method}-{seed}-{time.time_ns()}"
    pipeline = run.with_suffix(".toml")
    pipeline.write_text(f'seed = {seed}\n[data]\ndataset = "{dataset}"\n[model]\nmethod = "{method}"\n')
    command = [program, "--quiet", "run", pipeline, "--out", run]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    stages = json.loads((run / "manifest.json").read_text())["stages"]
    seconds = next(stage["machine"]["seconds"] for stage in stages if stage["stage"] == "train")
    test = json.loads((run / "metrics.json").read_text())["test"]
    return run, seconds, (test["auc"], test["ap"])


def main():
    arguments = sys.argv[1:]
    times = int(arguments.pop(arguments.index("--times") + 1)) if "--times" in arguments else 3
    arguments = [argument for argument in arguments if argument != "--times"]
    program, out, datasets = arguments[0], Path(arguments[1]), arguments[2:] or ["cora", "citeseer"]
    out.mkdir(parents=True, exist_ok=True)
    print("| dataset | method | here, s | peer, s | ratio (least to most) | here, AUC / AP | peer, AUC / AP |")
    print("|---|---|---|---|---|---|---|")
    for dataset in datasets:
        for method, peer in (("sc", sc), ("dw", dw)):
            rounds = []
            for seed in range(times):
                run, mine, my_scores = ours(program, out, dataset, method, seed)
                graph, pairs = adjacency(run)
                start = time.perf_counter()
                vectors = peer(graph, seed)
                rounds.append((mine, time.perf_counter() - start, my_scores, judge(vectors, pairs)))
            mine, theirs = (statistics.median(r[i] for r in rounds) for i in (0, 1))
            ratios = [r[1] / r[0] for r in rounds]
            scores = [
                " / ".join(f"{100 * statistics.mean(r[i][m] for r in rounds):.1f}" for m in (0, 1))
                for i in (2, 3)
            ]
            print(
                f"| {dataset} | {method} | {mine:.2f} | {theirs:.2f} | {statistics.median(ratios):.1f} "
                f"({min(ratios):.1f} to {max(ratios):.1f}) | {scores[0]} | {scores[1]} |",
                flush=True,
            )


main()
