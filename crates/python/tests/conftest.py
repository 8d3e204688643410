"""Values that several tests use."""

import numpy as np
import pytest

import vgae


@pytest.fixture(scope="session")
def edges() -> np.ndarray:
    """The edges of a ring of 60 nodes with chords, of shape (120, 2)."""
    nodes = np.arange(60)
    near = np.stack([nodes, (nodes + 1) % 60], axis=1)
    far = np.stack([nodes, (nodes + 2) % 60], axis=1)
    return np.concatenate([near, far])


@pytest.fixture(scope="session")
def features() -> np.ndarray:
    """Features of 60 nodes: blocks of ten columns along the ring, with noise."""
    rng = np.random.default_rng(0)
    base = np.repeat(np.eye(6, dtype=np.float32), 10, axis=0)
    return np.concatenate([base, rng.random((60, 4), dtype=np.float32)], axis=1)


@pytest.fixture(scope="session")
def graph(edges, features) -> vgae.Graph:
    """The ring with features and labels."""
    return vgae.Graph.from_edges(edges, features=features, labels=np.arange(60) // 10)


@pytest.fixture(scope="session")
def split(graph) -> vgae.Split:
    return vgae.split(graph, seed=0)
