#!/usr/bin/env python3
"""Writes `python/vgae/_methods.pyi`, the types of the classes that `_methods.py` creates from the registry of methods.

    python crates/python/stubs.py          # writes the file
    python crates/python/stubs.py --check  # fails if it is not up to date

It needs the installed package.
"""

import json
import sys
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "python" / "vgae" / "_methods.pyi"
TYPES = {"integer": "int", "number": "float", "boolean": "bool", "string": "str", "null": "None", "object": "dict[str, Any]"}


def annotation(schema: dict[str, Any]) -> str:
    """Returns the type of the values that a JSON schema accepts."""
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(annotation(one) for one in schema[key]))
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        return " | ".join(annotation({**schema, "type": one}) for one in kind)
    if kind == "array":
        return f"list[{annotation(schema.get('items', {}))}]"
    return TYPES[kind]


def annotation_of(option: dict[str, Any]) -> str:
    """Returns the type of an option, with `None` if it has no default."""
    kind = annotation(option["schema"])
    is_optional = option["default"] is None and "None" not in kind.split(" | ")
    return f"{kind} | None" if is_optional else kind


def stubs(specs: list[dict[str, Any]], class_name: Any) -> str:
    """Returns the text of the file."""
    names = [class_name(spec["name"]) for spec in specs]
    lines = [
        "# Made by stubs.py from the registry of methods; do not edit.",
        "from typing import Any, Literal",
        "",
        "from ._estimator import Estimator",
        "from ._samples import SampleEstimator",
        "",
        f"__all__ = {json.dumps(names)}",
        "",
        "def class_name(method: str) -> str: ...",
        "def methods() -> dict[str, type[Estimator]]: ...",
        "def class_of(method: str) -> type[Any]: ...",
    ]
    for spec, name in zip(specs, names):
        base = {"graph": "Estimator", "samples": "SampleEstimator"}[spec["data"]]
        lines += ["", f"class {name}({base}):", f'    """{spec["about"]}."""', "", "    def __init__(", "        self,", "        *,"]
        kinds = {option["key"]: annotation_of(option) for option in spec["options"]}
        defaults = {option["key"]: option["default"] for option in spec["options"]}
        kinds["seed"], defaults["seed"] = "int", 0
        lines += [f"        {key}: {kind} = {defaults[key]!r}," for key, kind in kinds.items()]
        lines += ["    ) -> None: ...", *(f"    {key}: {kind}" for key, kind in kinds.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes or checks the file."""
    from vgae import _core
    from vgae._methods import class_name

    text = stubs(json.loads(_core.methods()), class_name)
    if "--check" not in sys.argv:
        PATH.write_text(text, encoding="utf-8")
    elif PATH.read_text(encoding="utf-8") != text:
        sys.exit(f"{PATH.name} is not up to date: run crates/python/stubs.py")


if __name__ == "__main__":
    main()
