"""Spectral clustering's vectors by scikit-learn: `SpectralEmbedding` with 128 dimensions on the training graph.

The affinity is dense below 5,000 nodes, which is the faster way there. Timed is `fit_transform` alone.
"""

import time

from common import Graph, arguments, peak_mb, say
from sklearn.manifold import SpectralEmbedding


def main() -> None:
    asked = arguments(__doc__)
    graph = Graph.read(asked.folder)
    affinity = graph.adjacency()
    if graph.nodes < 5000:
        affinity = affinity.toarray()
    start = time.perf_counter()
    method = SpectralEmbedding(n_components=128, affinity="precomputed", random_state=asked.seed)
    vectors = method.fit_transform(affinity)
    seconds = time.perf_counter() - start
    say(seconds=seconds, peak_mb=peak_mb(), **graph.judge(vectors))


main()
