"""Spectral clustering's vectors by scikit-learn: `SpectralEmbedding` with 128 dimensions on the training graph.

The affinity is dense below 5,000 nodes, which is the faster way there, and in f64, as scipy makes it, or in f32:
that takes a fraction of the time, and now and then the vectors come out wrong (on one of three splits of
Citeseer an AUC of 54 in place of 67). Timed is `fit_transform` alone.
"""

import time

from common import Graph, arguments, peak_mb, say
from sklearn.manifold import SpectralEmbedding


def main() -> None:
    asked = arguments(__doc__, precision={"choices": ["float64", "float32"], "default": "float64"})
    graph = Graph.read(asked.folder)
    affinity = graph.adjacency().astype(asked.precision)
    if graph.nodes < 5000:
        affinity = affinity.toarray()
    start = time.perf_counter()
    method = SpectralEmbedding(n_components=128, affinity="precomputed", random_state=asked.seed)
    vectors = method.fit_transform(affinity)
    seconds = time.perf_counter() - start
    say(seconds=seconds, peak_mb=peak_mb(), **graph.judge(vectors))


main()
