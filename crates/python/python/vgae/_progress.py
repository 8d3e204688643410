"""Progress of a training, on terminals and in notebooks."""

from __future__ import annotations

import sys
import time

#: Seconds before anything is shown.
DELAY = 0.5
WIDTH = 24


class Bar:
    """One line on stderr that is written over and over, and removed at the end."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self.width = 0

    def __call__(self, done: int, total: int | None, loss: float | None) -> None:
        if time.monotonic() - self.started < DELAY:
            return
        text = f"{self.title}: {done}" if total is None else f"{self.title}: {done}/{total}"
        if total:
            filled = min(WIDTH, WIDTH * done // total)
            text += f" [{'#' * filled}{'.' * (WIDTH - filled)}]"
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


def is_shown() -> bool:
    """Returns whether stderr is a terminal or a notebook."""
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
