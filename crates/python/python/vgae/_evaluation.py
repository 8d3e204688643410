"""Evaluation of link prediction."""

from __future__ import annotations

import json
from typing import Any

from ._core import Error, Table
from ._estimator import Estimator
from ._graph import Split, html_table, split


class Evaluation:
    """Metrics of a method on the held-out pairs of a split, as in ``metrics.json`` of a run."""

    def __init__(self, estimator: Estimator, metrics: dict[str, Any], scores: Table) -> None:
        #: The fitted estimator.
        self.estimator = estimator
        #: All metrics, with their definitions.
        self.metrics = metrics
        #: A row per held-out pair: ``source``, ``target``, ``part``, ``positive``, ``logit``.
        self.scores = scores

    @property
    def auc(self) -> float | None:
        """Area under the ROC curve on the test pairs, 0 to 1."""
        return self.metrics["test"]["auc"]

    @property
    def ap(self) -> float | None:
        """Average precision on the test pairs, 0 to 1."""
        return self.metrics["test"]["ap"]

    def __repr__(self) -> str:
        parts = [f"{part} AUC {_percent(self.metrics[part]['auc'])}, AP {_percent(self.metrics[part]['ap'])}" for part in ("test", "validation")]
        return f"<vgae.Evaluation of {self.estimator!r}: {'; '.join(parts)}>"

    def _repr_html_(self) -> str:
        rows = {
            f"{part} {name.upper()}": _percent(self.metrics[part][name])
            for part in ("test", "validation")
            for name in ("auc", "ap")
        }
        return html_table(repr(self.estimator), rows) + self.estimator._repr_html_()


def evaluate(
    estimator: Estimator,
    data: Any = None,
    *,
    validation: float = 0.05,
    test: float = 0.1,
    seed: int | None = None,
    **options: Any,
) -> Evaluation:
    """Measures a method on held-out edges.

    Parameters
    ----------
    estimator
        A method. With `data` it is fitted, else it has been fitted on a :class:`Split`.
    data
        A :class:`Split`; or a graph, whose edges are split by `validation`, `test` and `seed` as in :func:`vgae.split`, with
        their direction if the method has a `decoder` of directed edges.
    seed
        Seed of the split. Defaults to that of the estimator, as in a run of the command line.
    options
        Keys of ``[eval]`` of a pipeline file, such as ``negatives=["hard:100"]``.

    Raises
    ------
    vgae.Error
        If there are no held-out edges, or training fails.
    """
    if not isinstance(estimator, Estimator):
        found = type(estimator).__name__
        raise Error(f"evaluate: expected an estimator of graphs, found {found}; call its method `evaluate`")
    if data is not None:
        if not isinstance(data, Split):
            seed = estimator.seed if seed is None else seed
            directed = estimator._has_direction()
            data = split(data, validation=validation, test=test, directed=directed, seed=seed)
        estimator.fit(data)
    model = estimator._fitted
    if estimator.split_.num_test + estimator.split_.num_validation == 0:
        raise Error("evaluate: expected held-out edges, found none; fit on `vgae.split(graph)`, or pass the graph")
    metrics, scores = model.evaluate(json.dumps(options))
    return Evaluation(estimator, json.loads(metrics), scores)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
