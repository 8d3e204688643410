"""What the files must say, read without any of the tools that are checked: from `latent.safetensors` and, for ids
and labels, `embeddings.csv`."""

import csv
import json
from pathlib import Path

import numpy as np


class Truth:
    """Ids and labels in the order of the nodes, and the vectors by the names of their columns."""

    def __init__(self, run: Path):
        raw = (run / "latent.safetensors").read_bytes()
        start = 8 + int.from_bytes(raw[:8], "little")
        tensors = {}
        for name, entry in json.loads(raw[8:start]).items():
            if name != "__metadata__":
                begin, end = (start + at for at in entry["data_offsets"])
                tensors[name] = np.frombuffer(raw[begin:end], "<f4").reshape(entry["shape"])
        self.vectors = {"embedding": tensors["mu"]}
        if "log_sigma" in tensors:
            self.vectors |= tensors
        with open(run / "embeddings.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.ids = [row["id"] for row in rows]
        self.labels = [row["label"] or None for row in rows]
        try:
            numbers = [int(text) for text in self.ids]
            self.whole = [str(number) for number in numbers] == self.ids
        except ValueError:
            self.whole = False
        if self.whole:
            self.ids = numbers

    @property
    def width(self) -> int:
        return self.vectors["embedding"].shape[1]

    def nearest(self, of, k: int = 5) -> list:
        """The ids of the `k` other nodes with the largest inner product, largest first."""
        order, gap = self._ranked(of, k)
        assert gap > 1e-5, "the neighbours are too close to each other to be told apart in f32"
        return order

    def clearest(self, k: int = 5):
        """The id whose nearest nodes lie furthest from each other, so that no rounding can change their order."""
        return max(self.ids, key=lambda of: self._ranked(of, k)[1])

    def _ranked(self, of, k: int) -> tuple[list, float]:
        """The nearest `k`, and the least gap between two of them and the next."""
        vectors = self.vectors["embedding"].astype(np.float64)
        logits = vectors @ vectors[self.ids.index(of)]
        order = [node for node in np.argsort(-logits) if self.ids[node] != of]
        gaps = -np.diff(logits[order[: k + 1]])
        return [self.ids[node] for node in order[:k]], gaps.min()
