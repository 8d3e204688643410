"""A class per method, from the registry of methods."""

from __future__ import annotations

import json
from typing import Any

from . import _core
from ._estimator import Estimator, define

#: Words of method names that are acronyms.
_ACRONYMS = {"dw", "gae", "gnae", "mlp", "sc", "sgc", "vgae", "vgnae"}
_SPELLINGS = {"fastrp": "FastRP"}


def class_name(method: str) -> str:
    """Returns the name of a method's class: ``VGAEStar`` of ``vgae*``, ``LinearGAE`` of ``linear-gae``."""
    words = method.replace("*", "-star").split("-")
    return "".join(word.upper() if word in _ACRONYMS else _SPELLINGS.get(word, word.capitalize()) for word in words)


_SPECS: list[dict[str, Any]] = json.loads(_core.methods())
_CLASSES: dict[str, type[Estimator]] = {
    spec["name"]: define(spec, class_name(spec["name"]), "vgae") for spec in _SPECS
}
globals().update({cls.__name__: cls for cls in _CLASSES.values()})

__all__ = [cls.__name__ for cls in _CLASSES.values()]


def methods() -> dict[str, type[Estimator]]:
    """Returns the class of each method, by the name of the method in the command line."""
    return dict(_CLASSES)
