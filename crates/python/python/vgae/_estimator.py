"""The estimator that the classes of all methods derive from, in the manner of scikit-learn."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np

from . import _core
from ._core import Error, Table
from ._graph import Graph, Split, html_table
from ._ids import ids_of, pairs_of
from ._progress import Bar, is_shown


class NotFittedError(Error, AttributeError):
    """The estimator is used before :meth:`Estimator.fit`."""


class Estimator:
    """A method with hyper-parameters. Each method has a class of its own, such as :class:`vgae.GNAE`.

    Hyper-parameters are keyword arguments, checked by :meth:`fit`; `seed` determines all random numbers. The same graph,
    hyper-parameters and seed give the same bits as the command line, on any number of threads.
    """

    #: The name of the method in the command line.
    method: ClassVar[str]
    #: Name, default and description of each hyper-parameter.
    hyper_parameters: ClassVar[dict[str, dict[str, Any]]]
    #: The classes of :meth:`predict`: no edge, edge.
    classes_ = np.array([0, 1])

    def __init__(self, **parameters: Any) -> None:
        defaults = self._defaults()
        for name in parameters:
            self._check_name(name)
        for name, default in defaults.items():
            # Lists and tables are not shared between estimators.
            setattr(self, name, parameters[name] if name in parameters else copy.deepcopy(default))

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        options = {key: option["default"] for key, option in cls.hyper_parameters.items()}
        return {**options, "seed": 0}

    @classmethod
    def _check_name(cls, name: str) -> None:
        if name not in cls.hyper_parameters and name != "seed":
            try:
                _core.check(cls.method, json.dumps({name: None}))
            except Error as error:
                raise TypeError(str(error)) from None
            raise TypeError(f"{cls.__name__} has no hyper-parameter {name!r}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Returns the hyper-parameters and the seed. `deep` has no effect."""
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **parameters: Any) -> Estimator:
        """Sets hyper-parameters or the seed, and returns the estimator."""
        for name in parameters:
            self._check_name(name)
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        progress: bool | Callable[[int, int | None, float | None], None] | None = None,
    ) -> Estimator:
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
            fitted_on = X
        else:
            graph = Graph.from_edges(X)
            fitted_on = Split(graph, _core.Split.whole(graph._core))
        bar = None
        if progress is None:
            progress = is_shown()
        if not callable(progress):
            bar = Bar(self.method) if progress else None
            progress = bar
        try:
            model = _core.Model.fit(
                fitted_on._core, self.method, self._options(), int(self.seed), progress
            )
        finally:
            if bar is not None:
                bar.close()
        self._model = model
        self.split_ = fitted_on
        return self

    def _options(self) -> str:
        options = {key: getattr(self, key) for key in self.hyper_parameters}
        # An option without a value is left out.
        given = {key: value for key, value in options.items() if value is not None}
        return json.dumps(given, default=_plain)

    @property
    def _fitted(self) -> _core.Model:
        model = self.__dict__.get("_model")
        if model is None:
            raise NotFittedError(f"{type(self).__name__}: expected a fitted estimator; call `fit` first")
        return model

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

    @property
    def history_(self) -> Table:
        """A row per epoch: losses, AUC and AP of validation pairs where they were measured, seconds."""
        return self._fitted.history()

    @property
    def best_epoch_(self) -> int | None:
        """The epoch whose weights were kept, if epochs were selected."""
        return self._fitted.best_epoch

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

    def missing_links(self, k: int = 10) -> Table:
        """Returns the `k` pairs without an edge with the highest logits: ``source``, ``target``, ``logit``."""
        return self._fitted.missing_links(k)

    def neighbors(self, id: Any, k: int = 10, *, by: Literal["logit", "cosine"] = "logit") -> Table:
        """Returns the `k` nodes most similar to one: ``id``, ``logit`` and, of methods that embed nodes, ``cosine``."""
        return self._fitted.neighbors(ids_of([id], "id")[0], by, k)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state.pop("_calibrated", None)
        return state

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(),
            input_tags=InputTags(two_d_array=False),
        )

    def __repr__(self) -> str:
        defaults = self._defaults()
        given = {name: getattr(self, name) for name, default in defaults.items()}
        changed = [f"{name}={value!r}" for name, value in given.items() if value != defaults[name]]
        return f"{type(self).__name__}({', '.join(changed)})"

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


def define(spec: dict[str, Any], name: str, module: str) -> type[Estimator]:
    """Creates the class of a method from its declaration."""
    options = {option["key"]: option for option in spec["options"]}
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [
        inspect.Parameter(key, keyword, default=option["default"]) for key, option in options.items()
    ]
    parameters.append(inspect.Parameter("seed", keyword, default=0))

    def __init__(self: Estimator, **given: Any) -> None:
        Estimator.__init__(self, **given)

    __init__.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    lines = [f"Method ``{spec['name']}``: {spec['about']}.", "", "Parameters", "----------"]
    for key, option in options.items():
        lines += [f"{key} : {option['allowed']}, default {option['default']!r}", f"    {option['about']}"]
    lines += ["seed : int, default 0", "    Seed of all random numbers."]
    members = {
        "__doc__": "\n".join(lines),
        "__init__": __init__,
        "__module__": module,
        "method": spec["name"],
        "hyper_parameters": options,
    }
    return type(name, (Estimator,), members)


def _plain(value: Any) -> Any:
    """Returns a value as JSON has it: of a numpy scalar or array, or of the encoder of a hybrid."""
    if isinstance(value, Estimator):
        return {"method": value.method, **json.loads(value._options())}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise Error(f"hyper-parameter: expected a number, string, list or table, found {value!r}")


def _sigmoid(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-values))
