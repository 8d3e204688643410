"""A class per method, from the registry of methods."""

from __future__ import annotations

import json
from typing import Any

from . import _core
from ._estimator import Estimator
from ._method import define
from ._samples import SampleEstimator

#: Words of method names that are acronyms.
_ACRONYMS = {"ae", "dw", "gae", "gnae", "mlp", "sc", "sgc", "vae", "vgae", "vgnae"}
_SPELLINGS = {"fastrp": "FastRP"}


def class_name(method: str) -> str:
    """Returns the name of a method's class: ``VGAEStar`` of ``vgae*``, ``LinearGAE`` of ``linear-gae``."""
    words = method.replace("*", "-star").split("-")
    return "".join(word.upper() if word in _ACRONYMS else _SPELLINGS.get(word, word.capitalize()) for word in words)


_BASES = {"graph": Estimator, "samples": SampleEstimator}
_SPECS: list[dict[str, Any]] = json.loads(_core.methods())
_CLASSES: dict[str, type[Any]] = {
    spec["name"]: define(_BASES[spec["data"]], spec, class_name(spec["name"]), "vgae") for spec in _SPECS
}
globals().update({cls.__name__: cls for cls in _CLASSES.values()})

__all__ = [cls.__name__ for cls in _CLASSES.values()]


def methods() -> dict[str, type[Estimator]]:
    """Returns the class of each method over graphs, by the name of the method in the command line."""
    return {name: cls for name, cls in _CLASSES.items() if issubclass(cls, Estimator)}


def class_of(method: str) -> type[Any]:
    """Returns the class of a method by its name in the command line."""
    return _CLASSES[method]
