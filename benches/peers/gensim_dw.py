"""DeepWalk by gensim: ten walks of 80 nodes from each node, skip-gram with hierarchical softmax, window 10,
128 dimensions, one pass.

The walks are drawn in Python, as in the scripts that people run. Timed are walks and training.
"""

import time

import numpy as np
from common import Graph, arguments, peak_mb, say, threads
from gensim.models import Word2Vec


def walks(graph: Graph, seed: int) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    adjacency = graph.adjacency()
    starts, ends = adjacency.indptr, adjacency.indices
    out = []
    for _ in range(10):
        for node in rng.permutation(graph.nodes):
            walk = [node]
            while len(walk) < 80:
                first, last = starts[walk[-1]], starts[walk[-1] + 1]
                if first == last:
                    break
                walk.append(ends[rng.integers(first, last)])
            out.append([str(node) for node in walk])
    return out


def main() -> None:
    asked = arguments(__doc__)
    graph = Graph.read(asked.folder)
    start = time.perf_counter()
    model = Word2Vec(
        walks(graph, asked.seed),
        vector_size=128,
        window=10,
        min_count=0,
        sg=1,
        hs=1,
        negative=0,
        epochs=1,
        seed=asked.seed,
        workers=threads(),
    )
    seconds = time.perf_counter() - start
    vectors = np.array([model.wv[str(node)] for node in range(graph.nodes)])
    say(seconds=seconds, peak_mb=peak_mb(), **graph.judge(vectors))


main()
