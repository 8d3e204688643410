"""Runs the code blocks of the README's section "Reading the output" as they stand there, on a run of `vgae demo`.

    python readme.py README.md FOLDER

FOLDER holds `out/demo`. Each block of Python leaves its answer in `nearest`; a block of SQL is DuckDB's. All answers
must be the same, and right.
"""

import os
import re
import sys
from pathlib import Path

import duckdb

from truth import Truth

# Spark starts another process, which LanceDB does not like once it runs.
TOOLS = ["DuckDB", "pandas", "Polars", "pyarrow", "Spark", "LanceDB"]


def blocks(readme: str):
    """`(tool, language, code)` for each fenced block of the section; the tool is the first word above it."""
    section = re.search(r"^## Reading the output\n(.*?)^## ", readme, re.M | re.S).group(1)
    for above, language, code in re.findall(r"^(\S+)[^\n]*\n\n```(\w+)\n(.*?)^```$", section, re.M | re.S):
        yield above.rstrip(":,"), language, code


def ids(answer) -> list:
    """The ids of an answer in the form that a tool gives it."""
    if hasattr(answer, "toPandas"):
        return [row["id"] for row in answer.collect()]
    if hasattr(answer, "fetchall"):
        return [row[0] for row in answer.fetchall()]
    column = answer["id"]
    return column.to_pylist() if hasattr(column, "to_pylist") else column.to_list()


readme = Path(sys.argv[1]).read_text(encoding="utf-8")
os.chdir(sys.argv[2])
found = list(blocks(readme))
assert [tool for tool, *_ in found] == TOOLS, f"expected a block for each of {TOOLS}, found {found}"
expected = Truth(Path("out/demo")).nearest(of=1)
for tool, language, code in found:
    if language == "sql":
        answer = duckdb.sql(code)
    else:
        scope = {}
        exec(compile(code, f"README.md, {tool}", "exec"), scope)  # noqa: S102
        answer = scope["nearest"]
    assert ids(answer) == expected, f"{tool}: expected {expected}, found {ids(answer)}"
    print(f"README, {tool}: the neighbours of 1 are {expected}")
