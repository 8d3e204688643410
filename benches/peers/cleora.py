"""Cleora's vectors by pycleora, on the training graph: its defaults of 40 iterations with whitening after each.

Timed are the construction of its graph from edges as text, its only input, and `embed`. Nodes without a training edge
are not in its graph, and their vectors are 0.
"""

import time

import numpy as np
from common import Graph, arguments, peak_mb, say
from pycleora import SparseMatrix, embed


def main() -> None:
    asked = arguments(__doc__, dimensions={"type": int, "default": 128})
    graph = Graph.read(asked.folder)
    start = time.perf_counter()
    edges = (f"{src} {dst}" for src, dst in graph.train.tolist())
    matrix = SparseMatrix.from_iterator(edges, "complex::reflexive::node")
    found = embed(matrix, feature_dim=asked.dimensions, seed=asked.seed)
    seconds = time.perf_counter() - start
    vectors = np.zeros((graph.nodes, asked.dimensions), dtype=np.float32)
    vectors[[int(name) for name in matrix.entity_ids]] = found
    say(seconds=seconds, peak_mb=peak_mb(), **graph.judge(vectors))


main()
