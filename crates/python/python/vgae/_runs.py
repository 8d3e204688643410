"""Runs of pipeline files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from . import _core
from ._core import Error, Table
from ._estimator import Estimator
from ._graph import Graph, Split, html_table
from ._ids import count_of, seed_of
from ._methods import class_of
from ._progress import shown
from ._samples import SampleEstimator


class Run:
    """The folder of a finished run, over a graph or over samples. Files are read when they are asked for."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        if not (self.folder / "manifest.json").is_file():
            raise Error(f"{self.folder}: expected the folder of a run, found none with manifest.json")

    def _json(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def _table(self, name: str) -> Table:
        return _core.read_parquet(self.folder / f"{name}.parquet")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The record of the run: method, dataset, seed, and of each stage configuration, inputs and outputs."""
        return self._json("manifest.json")

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The metrics, with their definitions."""
        return self._json("metrics.json")

    @property
    def nodes(self) -> Table:
        """The nodes: ``node``, ``id``, ``label``."""
        return self._table("nodes")

    @property
    def edges(self) -> Table:
        """The edges by node number: ``src``, ``dst`` and, if edges have weights, ``weight``."""
        return self._table("edges")

    @property
    def scores(self) -> Table:
        """The held-out pairs with their logits: ``src``, ``dst``, ``part``, ``positive``, ``score``."""
        return self._table("scores")

    @property
    def history(self) -> Table:
        """A row per epoch."""
        return self._table("history")

    @cached_property
    def embedding(self) -> np.ndarray:
        """The embedding of the nodes, of shape ``(nodes, latent)``, float32."""
        return _core.read_embedding(self.folder / "latent.safetensors")

    @cached_property
    def graph(self) -> Graph:
        """The graph."""
        return Graph(_core.Graph.from_folder(self.folder))

    @cached_property
    def split(self) -> Split:
        """The graph with the split of its edges."""
        return Split(self.graph, _core.Split.from_folder(self.graph._core, self.folder))

    @cached_property
    def samples(self) -> np.ndarray:
        """The samples of a run without a graph, as the method sees them, of shape ``(rows, columns)``; or bytes of pixels."""
        return _core.read_samples(self.folder / "samples.parquet")

    @property
    def sample_split(self) -> Table:
        """The part of each sample of a run without a graph: ``node``, ``part`` (``train``, ``val``, ``test``)."""
        return self._table("sample-split")

    @cached_property
    def estimator(self) -> Estimator | SampleEstimator:
        """The method as a fitted estimator."""
        config = next(s["config"] for s in self.manifest["stages"] if s["stage"] == "train")
        options = {key: value for key, value in config.items() if key != "method"}
        estimator = class_of(config["method"])(**options, seed=self.manifest["seed"])
        text = json.dumps(config)
        if isinstance(estimator, SampleEstimator):
            estimator._model = _core.SampleModel.from_folder(text, self.folder)
        else:
            estimator._model = _core.Model.from_folder(self.split._core, text, self.folder)
            estimator.split_ = self.split
        return estimator

    def missing_links(self, k: int = 10, *, missing: int | None = None) -> Table:
        """Returns the `k` most probable missing links, the table that ``vgae predict --out`` writes.

        `missing` is the assumed number of missing edges. Defaults to the number of validation edges.
        """
        missing = None if missing is None else count_of(missing, "missing")
        return _core.predict(self.folder, count_of(k, "k"), missing)

    def neighbors(self, id: Any, k: int = 10, *, by: Literal["logit", "cosine"] = "logit") -> Table:
        """Returns the `k` nodes most similar to one, the table that ``vgae neighbors --out`` writes."""
        return _core.neighbors(self.folder, str(id), by, count_of(k, "k"))

    def __repr__(self) -> str:
        return f"<vgae.Run {self.manifest['run']} in {self.folder}>"

    def _repr_html_(self) -> str:
        from ._map import embedding_map

        test = self.metrics.get("test") or {}
        rows = {key: self.manifest[key] for key in ("method", "dataset", "seed")}
        rows |= {f"test {key}": f"{value:.4g}" for key, value in test.items() if isinstance(value, float)}
        picture = ""
        if (self.folder / "latent.safetensors").exists() and (self.folder / "edges.parquet").exists():
            picture = embedding_map(self.embedding, self.graph.labels)
        return html_table(self.manifest["run"], rows) + picture


class Grid:
    """The folder of several runs and of the table of their results."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    @property
    def results(self) -> Table:
        """The table of results."""
        return _core.read_parquet(self.folder / "results.parquet")

    @cached_property
    def runs(self) -> list[Run]:
        """The runs, by the names of their folders."""
        manifests = sorted((self.folder / "runs").glob("*/manifest.json"))
        return [Run(manifest.parent) for manifest in manifests]

    def __repr__(self) -> str:
        return f"<vgae.Grid of {len(self.runs)} runs in {self.folder}>"


def run(
    pipeline: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    seed: int | None = None,
    threads: int | None = None,
    offline: bool = False,
    progress: bool | Callable[[str, int, int | None, float | None], None] | None = None,
) -> Run | Grid:
    """Runs a pipeline file, as ``vgae run`` does, and returns its results. Finished stages are not run again.

    Ctrl-C ends the training under way; the next call resumes it from its last checkpoint.

    Parameters
    ----------
    pipeline
        The TOML file.
    out
        The folder of results. Defaults to ``out/NAME``.
    seed
        The seed, in place of that of the file.
    threads
        The number of worker threads. Defaults to the number of cores.
    offline
        Whether to read datasets from the cache only.
    progress
        Whether to show progress on stderr. Defaults to whether it is a terminal or a notebook. A function is called with the
        run and its stage or the file that is fetched, the number of epochs or bytes so far, that of all or ``None``, and
        the loss or ``None``.

    Raises
    ------
    vgae.Error
        If the file is invalid or a stage fails, with the message of the command line.
    """
    out = None if out is None else Path(out)
    seed = None if seed is None else seed_of(seed)
    with shown(None, progress) as show:
        folder, is_grid = _core.run(Path(pipeline), out, seed, threads, offline, show)
    return Grid(folder) if is_grid else Run(folder)


def open_run(folder: str | os.PathLike[str]) -> Run | Grid:
    """Opens the folder of a finished run, or of a grid of runs.

    Raises
    ------
    vgae.Error
        If the folder is neither.
    """
    folder = Path(folder)
    if (folder / "results.parquet").is_file():
        return Grid(folder)
    return Run(folder)
