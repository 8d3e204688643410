"""The estimator of methods over graphs, in the manner of scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _core
from ._core import Error, Table
from ._graph import Graph, Split, html_table, whole
from ._ids import count_of, ids_of, pairs_of
from ._method import Method, Progress

if TYPE_CHECKING:
    from typing_extensions import Self


class Estimator(Method):
    """A method over graphs with hyper-parameters. Each method has a class of its own, such as :class:`vgae.GNAE`.

    Hyper-parameters are keyword arguments, checked by :meth:`fit`; `seed` determines all random numbers. The same graph,
    hyper-parameters and seed give the same bits as the command line, on any number of threads.
    """

    #: The classes of :meth:`predict`: no edge, edge.
    classes_ = np.array([0, 1])

    def fit(self, X: Any, y: Any = None, *, progress: bool | Progress | None = None) -> Self:
        """Trains the method, without the lock of the interpreter. Ctrl-C ends the training.

        Parameters
        ----------
        X
            A :class:`Graph`, whose edges are all trained on; a :class:`Split`, whose training edges are trained on and whose
            validation pairs may select the best epoch; or edges as in :meth:`Graph.from_edges`.
        y
            Ignored.
        progress
            Whether to show progress on stderr. Defaults to whether it is a terminal or a notebook. A function is called with
            the number of the epoch, that of all epochs or ``None``, and the loss or ``None``.

        Returns
        -------
        The estimator, with the attributes `embedding_`, `history_`, `graph_` and `split_`.

        Raises
        ------
        vgae.Error
            If a hyper-parameter is out of range or the graph does not suit the method.
        """
        if isinstance(X, Split):
            split = X
        else:
            graph = Graph.from_edges(X)
            split = whole(graph, self._has_direction())
        self._train(lambda *rest: _core.Model.fit(split._core, *rest), progress)
        self.split_ = split
        return self

    def _has_direction(self) -> bool:
        """Returns whether edges are scored with their direction."""
        return _core.has_direction(self.method, self._options())

    @property
    def graph_(self) -> Graph:
        """The graph of the training."""
        self._fitted  # noqa: B018
        return self.split_.graph

    @property
    def embedding_(self) -> np.ndarray:
        """The embedding of the nodes, of shape ``(nodes, latent)``, float32: a read-only view, not a copy."""
        return self._fitted.embedding()

    @property
    def log_sigma_(self) -> np.ndarray | None:
        """The logarithms of the standard deviations of variational methods, shaped as `embedding_`; else ``None``."""
        return self._fitted.log_sigma()

    def transform(self, X: Any = None) -> np.ndarray:
        """Returns the embedding of the training graph, or that of another graph by :meth:`infer`."""
        if X is None or X is self.split_of() or X is self.graph_:
            return self.embedding_
        return self.infer(X)

    def split_of(self) -> Split:
        """Returns the split of the training."""
        self._fitted  # noqa: B018
        return self.split_

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Trains the method and returns the embedding."""
        return self.fit(X, y).embedding_

    def infer(self, X: Any) -> np.ndarray:
        """Embeds the nodes of another graph with the trained weights, of shape ``(nodes, latent)``.

        The graph has the features of the training graph, in the same order. Message passing covers all of its edges.

        Raises
        ------
        vgae.Error
            If the method embeds only the nodes it was trained on, or the features do not match.
        """
        graph = X.graph if isinstance(X, Split) else Graph.from_edges(X)
        return self._fitted.infer(graph._core)

    def decision_function(self, pairs: Any) -> np.ndarray:
        """Returns the logit of an edge for each pair of ids, of shape ``(pairs,)``, float32."""
        src, dst = pairs_of(pairs)
        return self._fitted.logits(src, dst)

    def predict_proba(self, pairs: Any) -> np.ndarray:
        """Returns the probabilities of no edge and of an edge for each pair of ids, of shape ``(pairs, 2)``.

        They are calibrated on the validation pairs (Platt scaling), and so those among as many pairs without an edge as
        edges. Without validation pairs they are the sigmoids of the logits, which are not calibrated.
        """
        logits = self.decision_function(pairs).astype(np.float64)
        slope, intercept = self._calibration()
        edge = _sigmoid(slope * logits + intercept)
        return np.stack([1 - edge, edge], axis=1)

    def predict(self, pairs: Any) -> np.ndarray:
        """Returns 1 for pairs of ids that are rather an edge than not, else 0."""
        return (self.predict_proba(pairs)[:, 1] >= 0.5).astype(np.int64)

    def _calibration(self) -> tuple[float, float]:
        model = self._fitted
        known = self.__dict__.get("_calibrated")
        if known is None or known[0] is not model:
            known = (model, model.calibration() or (1.0, 0.0))
            self._calibrated = known
        return known[1]

    def missing_links(self, k: int = 10, *, missing: int | None = None) -> Table:
        """Returns the `k` most probable missing links: ``source``, ``target``, ``logit``, ``probability`` and ``precision``.

        They are the pairs without an edge, held out or not, with the highest logits. The probability of a link follows from
        the ranks of the validation edges among all such pairs, and ``precision`` is the expected share of missing edges
        among the link and all above it; ``_low`` and ``_high`` are their 95 % intervals. All are ``None`` with fewer than 20
        validation edges. `missing` is the assumed number of missing edges. Defaults to the number of validation edges.
        """
        missing = None if missing is None else count_of(missing, "missing")
        return self._fitted.missing_links(count_of(k, "k"), missing)

    def neighbors(self, id: Any, k: int = 10, *, by: Literal["logit", "cosine"] = "logit") -> Table:
        """Returns the `k` nodes most similar to one: ``id``, ``logit`` and, of methods that embed nodes, ``cosine``."""
        return self._fitted.neighbors(ids_of([id], "id")[0], by, count_of(k, "k"))

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state.pop("_calibrated", None)
        return state

    def _repr_html_(self) -> str:
        if not self.__sklearn_is_fitted__():
            return html_table(repr(self), self.get_params())
        from ._map import embedding_map

        graph = self.graph_
        rows = {"nodes": graph.num_nodes, "training edges": self.split_.num_train}
        try:
            picture = embedding_map(self.embedding_, graph.labels)
        except Error:
            picture = ""
        return html_table(repr(self), rows) + picture


def _sigmoid(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-values))
