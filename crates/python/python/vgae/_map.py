"""A picture of an embedding for notebooks."""

from __future__ import annotations

import html

import numpy as np

#: Most nodes that are drawn.
MOST = 2000
SIZE = 320
COLOURS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb"]


def embedding_map(embedding: np.ndarray, labels: np.ndarray) -> str:
    """Returns an SVG of the nodes along the first two principal components of their vectors, coloured by label."""
    rows = np.linspace(0, len(embedding) - 1, min(MOST, len(embedding))).astype(int)
    vectors = embedding[rows].astype(np.float64)
    vectors = vectors - vectors.mean(axis=0)
    if vectors.shape[1] < 2:
        vectors = np.pad(vectors, ((0, 0), (0, 2 - vectors.shape[1])))
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    points = vectors @ axes[:, [-1, -2]]
    spans = np.ptp(points, axis=0)
    points = (points - points.min(axis=0)) / np.where(spans > 0, spans, 1) * (SIZE - 20) + 10
    shown = [str(label) for label in labels[rows]]
    colour = {label: COLOURS[min(at, len(COLOURS) - 1)] for at, label in enumerate(dict.fromkeys(shown))}
    dots = "".join(
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour[label]}' fill-opacity='0.7'>"
        f"<title>{html.escape(label)}</title></circle>"
        for (x, y), label in zip(points, shown)
    )
    return f"<svg width='{SIZE}' height='{SIZE}' xmlns='http://www.w3.org/2000/svg'>{dots}</svg>"
