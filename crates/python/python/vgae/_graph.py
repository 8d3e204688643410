"""Graphs and splits of their edges."""

from __future__ import annotations

import html
import json
import os
from typing import Any, Literal

import numpy as np

from . import _core
from ._core import Error, Table
from ._ids import columns_of, features_of, ids_of, labels_of, numpy_of, seed_of


class Graph:
    """A graph: nodes with ids, edges, and optionally features, labels and edge weights.

    :meth:`Graph.from_edges` creates one. Self-loops are dropped and repeated edges are merged, see :attr:`Graph.audit`.
    """

    def __init__(
        self, core: _core.Graph, dtype: np.dtype | None = None, labels: np.ndarray | None = None
    ) -> None:
        if not isinstance(core, _core.Graph):
            raise TypeError("a graph is created by Graph.from_edges")
        self._core = core
        self._dtype = dtype
        self._labels = labels

    @classmethod
    def from_edges(
        cls,
        edges: Any,
        nodes: Any = None,
        features: Any = None,
        labels: Any = None,
        *,
        source: str | None = None,
        target: str | None = None,
        weight: Any = None,
        directed: bool = False,
    ) -> Graph:
        """Creates a graph.

        Parameters
        ----------
        edges
            One of: a table with the Arrow PyCapsule interface (polars, pandas, pyarrow, DuckDB); a numpy array of shape
            ``(edges, 2)`` or a list of pairs; a scipy sparse adjacency matrix; a networkx graph; a PyG ``Data``. Ids
            are integers or strings.
        nodes
            The ids of all nodes, in the order of the rows of embeddings. Defaults to the order of first appearance, row by
            row, the source first, as in the command line; to ``0, 1, ...`` with features, labels, an adjacency matrix or
            PyG data; and to the order of the graph with networkx.
        features
            Numbers of shape ``(nodes, features)``, dense or scipy sparse, in the order of `nodes`.
        labels
            One class label per node, in the order of `nodes`; ``None`` or NaN where there is none.
        source, target
            Names of the columns of a table. Default to its first two columns.
        weight
            Name of the column of edge weights of a table, name of the attribute of a networkx graph, or an array of weights.
            An adjacency matrix has its own.
        directed
            Whether edges keep their direction. Methods use them both ways, but for auto-encoders with a `decoder`.

        Raises
        ------
        vgae.Error
            If ids are missing or of several types, an edge names a node that `nodes` lacks, or shapes do not match.
        """
        if isinstance(edges, Graph):
            return edges
        if isinstance(edges, (str, bytes, os.PathLike)):
            raise Error(f"edges: expected a table, an array or a graph, found {edges!r}; read a file first, as by `polars.read_csv`")
        if hasattr(edges, "tocoo") and hasattr(edges, "shape"):
            return cls._from_matrix(edges, nodes, features, labels, directed)
        if hasattr(edges, "is_directed") and hasattr(edges, "nodes") and hasattr(edges, "edges"):
            return cls._from_networkx(edges, nodes, features, labels, weight, directed)
        if hasattr(edges, "edge_index"):
            return cls._from_pyg(edges, nodes, features, labels, weight, directed)
        if hasattr(edges, "iloc") and not _has_pyarrow():
            # pandas exports Arrow tables by pyarrow only.
            names = [source or edges.columns[0], target or edges.columns[1]]
            src, dtype = ids_of(edges[names[0]], "edges")
            dst, _ = ids_of(edges[names[1]], "edges")
            weight = edges[weight] if isinstance(weight, str) else weight
            return cls._from_ids(src, dst, dtype, nodes, features, labels, weight, directed)
        if hasattr(edges, "__arrow_c_stream__"):
            if weight is not None and not isinstance(weight, str):
                raise Error("weight: expected the name of a column of the table, found an array")
            given = _Given(nodes, features, labels)
            core = _core.Graph.from_arrow(
                edges, source, target, weight, given.nodes, given.features, given.texts, directed
            )
            return cls(core, given.dtype, given.labels)
        for name, value in {"source": source, "target": target}.items():
            if value is not None:
                raise Error(f"{name}: expected a table with that column, found {type(edges).__name__}")
        src, dst, dtype = columns_of(edges, "edges")
        return cls._from_ids(src, dst, dtype, nodes, features, labels, weight, directed)

    @classmethod
    def _from_ids(
        cls,
        src: Any,
        dst: Any,
        dtype: np.dtype | None,
        nodes: Any,
        features: Any,
        labels: Any,
        weight: Any,
        directed: bool,
    ) -> Graph:
        given = _Given(nodes, features, labels)
        weights = None
        if weight is not None:
            if isinstance(weight, str):
                raise Error(f"weight: expected an array of one weight per edge, found {weight!r}")
            weights = np.ascontiguousarray(numpy_of(weight), dtype=np.float32)
        core = _core.Graph.from_ids(
            src, dst, given.nodes, weights, given.features, given.texts, directed
        )
        return cls(core, given.dtype or dtype, given.labels)

    @classmethod
    def _from_matrix(
        cls, matrix: Any, nodes: Any, features: Any, labels: Any, directed: bool
    ) -> Graph:
        rows, columns = matrix.shape
        if rows != columns:
            raise Error(f"edges: expected a square adjacency matrix, found shape {matrix.shape}")
        entries = matrix.tocoo()
        ids = np.arange(rows, dtype=np.int64) if nodes is None else numpy_of(nodes)
        if len(ids) != rows:
            raise Error(f"nodes: expected {rows} ids, as the matrix has rows, found {len(ids)}")
        kept = entries.data != 0
        src, dst = ids[entries.row[kept]], ids[entries.col[kept]]
        weights = np.asarray(entries.data[kept], dtype=np.float32)
        weight = None if bool(np.all(weights == 1)) else weights
        (src, dtype), (dst, _) = ids_of(src, "edges"), ids_of(dst, "edges")
        return cls._from_ids(src, dst, dtype, ids, features, labels, weight, directed)

    @classmethod
    def _from_networkx(
        cls, graph: Any, nodes: Any, features: Any, labels: Any, weight: Any, directed: bool
    ) -> Graph:
        ids = list(graph.nodes) if nodes is None else nodes
        if weight is None:
            rows = [(src, dst) for src, dst, *_ in graph.edges]
        else:
            triples = list(graph.edges(data=weight))
            rows = [(src, dst) for src, dst, _ in triples]
            absent = next((row for row in triples if row[2] is None), None)
            if absent is not None:
                raise Error(f"weight: expected the attribute {weight!r} on every edge, found none on {absent[:2]!r}")
            weight = [value for _, _, value in triples]
        src, dst, dtype = columns_of(rows, "edges")
        return cls._from_ids(src, dst, dtype, ids, features, labels, weight, directed)

    @classmethod
    def _from_pyg(
        cls, data: Any, nodes: Any, features: Any, labels: Any, weight: Any, directed: bool
    ) -> Graph:
        index = numpy_of(data.edge_index)
        if index.ndim != 2 or index.shape[0] != 2:
            raise Error(f"edges: expected `edge_index` of shape (2, edges), found shape {index.shape}")
        features = getattr(data, "x", None) if features is None else features
        if labels is None:
            labels = getattr(data, "y", None)
            if labels is not None and numpy_of(labels).ndim != 1:
                labels = None
        if nodes is None:
            count = getattr(data, "num_nodes", None)
            if count is None:
                count = len(features) if features is not None else int(index.max(initial=-1)) + 1
            nodes = np.arange(int(count), dtype=np.int64)
        (src, dtype), (dst, _) = ids_of(index[0], "edges"), ids_of(index[1], "edges")
        return cls._from_ids(src, dst, dtype, nodes, features, labels, weight, directed)

    @property
    def num_nodes(self) -> int:
        """The number of nodes."""
        return self._core.node_count

    @property
    def num_edges(self) -> int:
        """The number of edges, each counted once."""
        return self._core.edge_count

    @property
    def num_features(self) -> int:
        """The number of features per node; 0 without features."""
        return self._core.feature_count

    @property
    def directed(self) -> bool:
        """Whether edges keep their direction."""
        return self._core.directed

    @property
    def ids(self) -> np.ndarray:
        """The id of each node, in the order of the rows of embeddings: integers, or strings in an array of objects."""
        ids = self._core.ids()
        if isinstance(ids, list):
            return np.array(ids, dtype=object)
        return ids if self._dtype is None else ids.astype(self._dtype, copy=False)

    @property
    def labels(self) -> np.ndarray:
        """The class label of each node, ``None`` where there is none."""
        if self._labels is not None:
            return self._labels
        return np.array(self._core.labels(), dtype=object)

    @property
    def edges(self) -> Table:
        """The edges as a table: ``source``, ``target`` and, if edges have weights, ``weight``."""
        return self._core.edges()

    @property
    def edge_index(self) -> np.ndarray:
        """The edges by the rows of their nodes in :attr:`ids`, of shape ``(2, edges)``, as in PyG."""
        return np.stack(self._core.edge_index())

    @property
    def audit(self) -> dict[str, Any]:
        """Counts of what was merged and dropped, and of what the graph has."""
        return json.loads(self._core.audit())

    def rows_of(self, ids: Any) -> np.ndarray:
        """Returns the rows of nodes in :attr:`ids` and embeddings, by their ids."""
        return self._core.numbers(ids_of(ids, "ids")[0])

    def __len__(self) -> int:
        return self.num_nodes

    def __repr__(self) -> str:
        kind = "directed " if self.directed else ""
        features = f", {self.num_features} features" if self.num_features else ""
        return f"<vgae.Graph of {self.num_nodes} nodes, {self.num_edges} {kind}edges{features}>"

    def _repr_html_(self) -> str:
        audit = self.audit
        rows = {
            "nodes": self.num_nodes,
            "edges": self.num_edges,
            "features": self.num_features,
            "isolated nodes": audit["isolated_nodes"],
            "components": audit["components"]["count"],
            "duplicates merged": audit["duplicates_collapsed"],
            "self-loops dropped": audit["self_loops_dropped"],
        }
        return html_table("Graph", rows)


class Split:
    """A graph whose edges are split into training, validation and test edges; :func:`vgae.split` creates one.

    Beside the validation and test edges there are as many pairs of nodes without an edge.
    """

    def __init__(self, graph: Graph, core: _core.Split) -> None:
        self.graph = graph
        self._core = core

    @property
    def directed(self) -> bool:
        """Whether edges and pairs have a direction."""
        return self._core.directed

    @property
    def num_train(self) -> int:
        """The number of training edges."""
        return self._core.sizes[0]

    @property
    def num_validation(self) -> int:
        """The number of validation edges."""
        return self._core.sizes[1]

    @property
    def num_test(self) -> int:
        """The number of test edges."""
        return self._core.sizes[2]

    @property
    def pairs(self) -> Table:
        """All pairs as a table: ``source``, ``target``, ``part`` (``train``, ``val``, ``test``) and ``positive``."""
        return self._core.pairs()

    def held_out(self, part: Literal["validation", "test"] = "test") -> tuple[np.ndarray, np.ndarray]:
        """Returns pairs of ids, of shape ``(pairs, 2)``, and their truth: 1 for edges, 0 for pairs without one."""
        names = {"validation": "val", "test": "test"}
        if part not in names:
            raise Error(f"part: expected 'validation' or 'test', found {part!r}")
        table = self.pairs
        rows = table["part"] == names[part]
        pairs = np.stack([table["source"][rows], table["target"][rows]], axis=1)
        return pairs, table["positive"][rows].astype(np.int64)

    def __repr__(self) -> str:
        sizes = f"{self.num_train} training, {self.num_validation} validation and {self.num_test} test edges"
        return f"<vgae.Split of {sizes}>"

    def _repr_html_(self) -> str:
        rows = {
            "training edges": self.num_train,
            "validation edges": self.num_validation,
            "test edges": self.num_test,
        }
        return html_table("Split", rows)


def split(
    graph: Any, *, validation: float = 0.05, test: float = 0.1, directed: bool = False, seed: int = 0
) -> Split:
    """Splits the edges of a graph at random, as the command line does with the same seed.

    `validation` and `test` are fractions of the edges. `graph` is a :class:`Graph`, or edges as in
    :meth:`Graph.from_edges`. `directed` keeps the direction of edges and of pairs without one, for auto-encoders with a
    `decoder`; the graph is a directed one then.
    """
    graph = Graph.from_edges(graph)
    _check_direction("split", graph, directed)
    options = {"validation": float(validation), "test": float(test), "directed": bool(directed)}
    return Split(graph, _core.Split.of(graph._core, json.dumps(options), seed_of(seed)))


def whole(graph: Graph, directed: bool) -> Split:
    """Returns a split that holds out nothing. Edges keep their direction if `directed`."""
    _check_direction("decoder", graph, directed)
    return Split(graph, _core.Split.whole(graph._core, directed))


def _check_direction(what: str, graph: Graph, directed: bool) -> None:
    if directed and not graph.directed:
        raise Error(
            f"{what}: expected a graph with directed edges, found undirected ones; "
            "create it by `Graph.from_edges(..., directed=True)`"
        )


class _Given:
    """Nodes, features and labels as the extension reads them."""

    def __init__(self, nodes: Any, features: Any, labels: Any) -> None:
        self.features = None if features is None else features_of(features)
        self.texts, self.labels = (None, None) if labels is None else labels_of(labels)
        self.dtype: np.dtype | None = None
        self.nodes: Any = None
        if nodes is not None:
            self.nodes, self.dtype = ids_of(nodes, "nodes")
            return
        counts = [len(self.texts)] if self.texts is not None else []
        if isinstance(self.features, tuple):
            counts.append(len(self.features[1]) - 1)
        elif self.features is not None:
            counts.append(len(self.features))
        if counts:
            # Row i of features and labels is node i.
            self.nodes = np.arange(counts[0], dtype=np.int64)


def _has_pyarrow() -> bool:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def html_table(title: str, rows: dict[str, Any]) -> str:
    """Returns a table of names and values for a notebook."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table><caption>{html.escape(title)}</caption>{cells}</table>"
