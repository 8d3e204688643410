"""Pair features by networkx, numpy and scikit-learn: writes pair_features.json beside this file.

needs: networkx, numpy, scikit-learn.  The graph: a ring of 14 nodes with chords, one edge apart, one node alone.
"""
import json
from pathlib import Path

import networkx as nx
import numpy as np
from sklearn.feature_extraction.text import TfidfTransformer

nodes = 17
edges = [(i, (i + 1) % 14) for i in range(14)] + [(i, i + 3) for i in range(0, 11, 2)] + [(0, 7), (0, 5), (14, 15)]
edges = sorted({tuple(sorted(edge)) for edge in edges})
graph = nx.Graph()
graph.add_nodes_from(range(nodes))
graph.add_edges_from(edges)
pairs = [(i, j) for i in range(nodes) for j in range(i + 1, nodes)]
X = np.array([[(1 + (i + f) % 3) if (i * 31 + f * 17) % 29 < 10 and i != 4 else 0 for f in range(9)] for i in range(nodes)], dtype=float)

A = nx.to_numpy_array(graph, nodelist=range(nodes))
loops = A + np.eye(nodes)
scale = loops.sum(1) ** -0.5
A_hat = scale[:, None] * loops * scale[None, :]
katz = sum(0.05**length * np.linalg.matrix_power(A, length) for length in range(1, 6))
rank = np.zeros((nodes, nodes))
for u in range(nodes):
    found = nx.pagerank(graph, alpha=0.85, personalization={u: 1.0}, dangling={u: 1.0}, tol=1e-14, max_iter=2000)
    rank[u] = [found[v] for v in range(nodes)]
text = TfidfTransformer(norm="l2", smooth_idf=True).fit_transform(X).toarray()
smooth = A_hat @ text
smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-300)


def of(matrix):
    return [float(matrix[u, v]) for u, v in pairs]


golden = {
    "nodes": nodes,
    "edges": edges,
    "features": X.tolist(),
    "pairs": pairs,
    "scores": {
        "common-neighbours": [len(list(nx.common_neighbors(graph, u, v))) for u, v in pairs],
        "adamic-adar": [s for _, _, s in nx.adamic_adar_index(graph, pairs)],
        "resource-allocation": [s for _, _, s in nx.resource_allocation_index(graph, pairs)],
        "katz": of(katz),
        "page-rank": of(rank + rank.T),
        "walks-2": of(np.linalg.matrix_power(A_hat, 2)),
        "walks-3": of(np.linalg.matrix_power(A_hat, 3)),
        "walks-4": of(np.linalg.matrix_power(A_hat, 4)),
        "feature-cosine": of(text @ text.T),
        "sgc-cosine": of(smooth @ smooth.T),
    },
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
