"""Progress of trainings and runs, on terminals and in notebooks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: Seconds before anything is shown.
DELAY = 0.5
WIDTH = 24


class Bar:
    """One line on stderr that is written over and over, and removed at the end."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.width = 0

    def show(self, title: str, done: int, total: int | None, loss: float | None) -> None:
        """Replaces the line."""
        if time.monotonic() - self.started < DELAY:
            return
        text = title
        if total:
            filled = min(WIDTH, WIDTH * done // total)
            text += f": {done:,}/{total:,} [{'#' * filled}{'.' * (WIDTH - filled)}]"
        elif done:
            text += f": {done:,}"
        if loss is not None:
            text += f" loss {loss:.4f}"
        sys.stderr.write("\r" + text.ljust(self.width))
        sys.stderr.flush()
        self.width = len(text)

    def close(self) -> None:
        """Removes the line."""
        if self.width:
            sys.stderr.write("\r" + " " * self.width + "\r")
            sys.stderr.flush()


@contextmanager
def shown(title: str | None, progress: bool | Callable[..., None] | None) -> Iterator[Callable[..., None] | None]:
    """Yields the function to call with progress: the given one, that of a bar, or ``None`` if nothing is shown.

    `progress` defaults to whether stderr is a terminal or a notebook. Without a title, it is the first argument of the
    function.
    """
    if callable(progress):
        yield progress
        return
    if not (is_shown() if progress is None else progress):
        yield None
        return
    bar = Bar()

    def show(*values: Any) -> None:
        bar.show(*(values if title is None else (title, *values)))

    try:
        yield show
    finally:
        bar.close()


def is_shown() -> bool:
    """Returns whether stderr is a terminal or a notebook."""
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
