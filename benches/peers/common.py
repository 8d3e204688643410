"""What the peers share: reading the files of a folder of ours, peak memory, scores, the line each prints.

A peer is a script that trains once, in a process of its own (so that the peak of memory is its own), and
prints one JSON object as its last line of stdout. Reading and preparing data is outside of what is timed.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scipy.sparse import csr_matrix, diags, eye


@dataclass
class Graph:
    """A graph as our program ingested and split it: all that a peer may see, and the test pairs."""

    nodes: int
    features: csr_matrix  # nodes x features
    train: np.ndarray  # training edges, E x 2, each once
    test: np.ndarray  # held-out edges and non-edges, P x 2
    truth: np.ndarray  # for each test pair, whether it is an edge

    @classmethod
    def read(cls, folder: Path) -> "Graph":
        nodes = pq.read_table(folder / "nodes.parquet", columns=["node"]).num_rows
        features = csr_matrix((nodes, 0), dtype=np.float32)
        if (folder / "features.parquet").exists():
            table = pq.read_table(folder / "features.parquet")
            width = int(table.schema.metadata[b"vgae.feature_count"])
            node, feature, value = (table[name].to_numpy() for name in ("node", "feature", "value"))
            features = csr_matrix((value, (node, feature)), shape=(nodes, width), dtype=np.float32)
        split = pq.read_table(folder / "split.parquet")
        pairs = np.stack([split["src"].to_numpy(), split["dst"].to_numpy()], axis=1).astype(np.int64)
        part, positive = np.array(split["part"].to_pylist()), np.array(split["positive"].to_pylist())
        test = part == "test"
        return cls(nodes, features, pairs[(part == "train") & positive], pairs[test], positive[test])

    def adjacency(self) -> csr_matrix:
        """A over training edges, symmetric, without self-loops."""
        ends = np.r_[self.train, self.train[:, ::-1]]
        ones = np.ones(len(ends), dtype=np.float32)
        return csr_matrix((ones, (ends[:, 0], ends[:, 1])), shape=(self.nodes, self.nodes))

    def propagation(self) -> csr_matrix:
        """D^-1/2 (A + I) D^-1/2."""
        loops = self.adjacency() + eye(self.nodes)
        root = diags(np.asarray(loops.sum(1)).ravel() ** -0.5)
        return (root @ loops @ root).tocsr().astype(np.float32)

    def judge(self, vectors: np.ndarray) -> dict[str, float]:
        """AUC and AP, in points, of inner products on the test pairs."""
        from sklearn.metrics import average_precision_score, roc_auc_score

        scores = (vectors[self.test[:, 0]] * vectors[self.test[:, 1]]).sum(1)
        auc, ap = roc_auc_score(self.truth, scores), average_precision_score(self.truth, scores)
        return {"auc": 100 * float(auc), "ap": 100 * float(ap)}


def arguments(description: str, **extra: dict[str, Any]) -> argparse.Namespace:
    """FOLDER and --seed, which every peer takes, and what one peer takes besides."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with our files: the data and the split")
    parser.add_argument("--seed", type=int, default=0)
    for name, options in extra.items():
        parser.add_argument(f"--{name}", **options)
    return parser.parse_args()


def threads() -> int:
    """All the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_mb() -> float:
    """The most memory this process has held so far, in MB (10^6 bytes).

    Linux's VmHWM begins anew with each program, while `getrusage` also counts the parent it was forked from.
    """
    try:
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def time_epochs(step: Callable[[], Any], epochs: int) -> dict[str, float]:
    """Calls `step` as many times. Median milliseconds of all but the first, which warms up; peak of memory."""
    taken = []
    for _ in range(epochs):
        start = time.perf_counter()
        step()
        taken.append(time.perf_counter() - start)
    return {
        "epoch_ms": 1e3 * statistics.median(taken[1:] or taken),
        "seconds": sum(taken),
        "epochs": epochs,
        "peak_mb": peak_mb(),
    }


def say(**figures: Any) -> None:
    print(json.dumps(figures), flush=True)
