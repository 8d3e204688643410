"""The code of the documentation runs, and the types are those of the registry."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vgae

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "crates" / "python"


PAGES = [ROOT / "docs" / "python.md", PACKAGE / "README.md", ROOT / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_a_page_runs(page, edges, tmp_path, monkeypatch):
    for library in ("polars", "scipy", "sklearn", "networkx"):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    np.savetxt("friends.csv", edges, fmt="%d", delimiter=",", header="source,target", comments="")
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    names = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)


def test_the_example_of_the_module():
    assert doctest.testmod(vgae).failed == 0


def test_the_stubs_are_up_to_date():
    subprocess.run([sys.executable, PACKAGE / "stubs.py", "--check"], check=True)


def test_types(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "use.py").write_text(
        "import vgae\n"
        "model = vgae.GNAE(latent=8, seed=1).fit([(1, 2), (2, 3)])\n"
        "reveal_type(vgae.GNAE(latent=8).latent)\n"
        "vgae.GNAE(latent='x')\n"
    )
    done = subprocess.run([sys.executable, "-m", "mypy", "use.py"], cwd=tmp_path, capture_output=True, text=True)
    assert 'Revealed type is "int"' in done.stdout or "builtins.int" in done.stdout, done.stdout
    assert 'incompatible type "str"; expected "int"' in done.stdout and "Found 1 error" in done.stdout, done.stdout
