"""Runs the code blocks of the README, the tutorial and the how-to pages as they stand there.

    python readme.py CLONE VGAE FOLDER

CLONE is the repository, VGAE the program; FOLDER holds `out/demo`, and is where all blocks run. Blocks of one page run in
order. `<!-- not run: REASON -->` above a block leaves it out. In `docs/reading.md` each block of Python leaves its answer in
`nearest`, and a block of SQL is DuckDB's: all answers must be the same, and right.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb

from truth import Truth

# Spark starts another process, which LanceDB does not like once it runs.
TOOLS = ["DuckDB", "pandas", "Polars", "pyarrow", "Spark", "LanceDB"]
# The tutorial makes the files that the README names. `reading.md` is last: it starts Spark.
PAGES = ["docs/tutorial.md", "README.md"]
RUN = {"sh", "python", "sql"}


def how_to_pages(summary: str) -> list[str]:
    """The pages of the how-to section of the book."""
    section = re.search(r"^# How to\n(.*?)^# ", summary, re.M | re.S).group(1)
    return ["docs/" + page for page in re.findall(r"\((\S+\.md)\)", section)]


def blocks(text: str):
    """`(line above, language, code)` for each fenced block that is run."""
    for above, language, code in re.findall(r"^([^\n]*)\n+```(\w+)\n(.*?)^```$", text, re.M | re.S):
        if language in RUN and not above.startswith("<!-- not run: "):
            yield above, language, code


def ids(answer) -> list:
    """The ids of an answer in the form that a tool gives it."""
    if hasattr(answer, "toPandas"):
        return [row["id"] for row in answer.collect()]
    if hasattr(answer, "fetchall"):
        return [row[0] for row in answer.fetchall()]
    column = answer["id"]
    return column.to_pylist() if hasattr(column, "to_pylist") else column.to_list()


def run(page: str, language: str, code: str):
    """What a block leaves as its answer, if it is of Python or SQL."""
    if language == "sh":
        # A block is a list of commands of which each must succeed.
        subprocess.run(["bash", "-euo", "pipefail", "-c", code], check=True, stdout=subprocess.DEVNULL)
        return None
    if language == "sql":
        return duckdb.sql(code)
    scope = {}
    exec(compile(code, page, "exec"), scope)  # noqa: S102
    return scope.get("nearest")


def main(clone: Path, vgae: Path, folder: Path) -> None:
    pages = PAGES + how_to_pages((clone / "docs/SUMMARY.md").read_text(encoding="utf-8"))
    pages.sort(key=lambda page: page == "docs/reading.md")
    texts = {page: (clone / page).read_text(encoding="utf-8") for page in pages}
    os.chdir(folder)
    # The pages name the program `vgae`.
    Path("bin").mkdir()
    Path("bin/vgae").symlink_to(vgae)
    os.environ["PATH"] = f"{Path('bin').resolve()}{os.pathsep}{os.environ['PATH']}"
    expected = Truth(Path("out/demo")).nearest(of=1)
    ran = dict.fromkeys(pages, 0)
    tools = []
    for page, text in texts.items():
        if page == "README.md":
            # It has an `init` of its own for the files of the tutorial, and `init` overwrites nothing.
            Path("friends.toml").unlink()
        for above, language, code in blocks(text):
            answer = run(page, language, code)
            ran[page] += 1
            if page == "docs/reading.md":
                tool = above.split()[0].rstrip(":,")
                tools.append(tool)
                assert ids(answer) == expected, f"{tool}: expected {expected}, found {ids(answer)}"
                print(f"{page}, {tool}: the neighbours of 1 are {expected}")
        print(f"{page}: {ran[page]} blocks")
    assert tools == TOOLS, f"expected a block for each of {TOOLS}, found {tools}"
    assert ran["README.md"] and ran["docs/tutorial.md"], f"the pages have no blocks: {ran}"


main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve())
