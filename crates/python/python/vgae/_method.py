"""The part that all estimators share: hyper-parameters from the declarations of methods, in the manner of scikit-learn."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from . import _core
from ._core import Error, Table
from ._ids import seed_of
from ._progress import shown

if TYPE_CHECKING:
    from typing_extensions import Self

#: A function that is called with the number of the epoch, that of all epochs or ``None``, and the loss or ``None``.
Progress = Callable[[int, "int | None", "float | None"], None]


class NotFittedError(Error, AttributeError):
    """The estimator is used before its method ``fit``."""


class Method:
    """A method with hyper-parameters, the base of :class:`vgae.Estimator` and :class:`vgae.SampleEstimator`.

    Hyper-parameters are keyword arguments, checked by ``fit``; `seed` determines all random numbers.
    """

    #: The name of the method in the command line.
    method: ClassVar[str]
    #: Name, default and description of each hyper-parameter.
    hyper_parameters: ClassVar[dict[str, dict[str, Any]]]

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

    def set_params(self, **parameters: Any) -> Self:
        """Sets hyper-parameters or the seed, and returns the estimator."""
        for name in parameters:
            self._check_name(name)
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def _options(self) -> str:
        options = {key: getattr(self, key) for key in self.hyper_parameters}
        # An option without a value is left out.
        given = {key: value for key, value in options.items() if value is not None}
        return json.dumps(given, default=_plain)

    def _train(self, train: Callable[..., Any], progress: bool | Progress | None) -> Any:
        """Calls `train` with the method, the options, the seed and a function that shows progress."""
        with shown(self.method, progress) as show:
            self._model = train(self.method, self._options(), seed_of(self.seed), show)
        return self._model

    @property
    def _fitted(self) -> Any:
        model = self.__dict__.get("_model")
        if model is None:
            raise NotFittedError(f"{type(self).__name__}: expected a fitted estimator; call `fit` first")
        return model

    @property
    def history_(self) -> Table:
        """A row per epoch: losses, what was measured on validation data, seconds."""
        return self._fitted.history()

    @property
    def best_epoch_(self) -> int | None:
        """The epoch whose weights were kept, if epochs were selected."""
        return self._fitted.best_epoch

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(),
            input_tags=InputTags(two_d_array=self._reads_arrays),
        )

    #: Whether ``fit`` takes an array of two dimensions.
    _reads_arrays: ClassVar[bool] = False

    def __repr__(self) -> str:
        defaults = self._defaults()
        given = {name: getattr(self, name) for name, default in defaults.items()}
        changed = [f"{name}={value!r}" for name, value in given.items() if value != defaults[name]]
        return f"{type(self).__name__}({', '.join(changed)})"


def define(base: type[Method], spec: dict[str, Any], name: str, module: str) -> type[Any]:
    """Creates the class of a method from its declaration."""
    options = {option["key"]: option for option in spec["options"]}
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [
        inspect.Parameter(key, keyword, default=option["default"]) for key, option in options.items()
    ]
    parameters.append(inspect.Parameter("seed", keyword, default=0))

    def __init__(self: Method, **given: Any) -> None:
        base.__init__(self, **given)

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
    return type(name, (base,), members)


def _plain(value: Any) -> Any:
    """Returns a value as JSON has it: of a numpy scalar or array, or of the encoder of a hybrid."""
    if isinstance(value, Method):
        return {"method": value.method, **json.loads(value._options())}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise Error(f"hyper-parameter: expected a number, string, list or table, found {value!r}")
