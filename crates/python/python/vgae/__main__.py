"""The ``vgae`` command."""

import signal
import sys

from . import _core


def main() -> int:
    """Runs the command with the arguments of the process and returns its exit code."""
    # As in any other program: an interrupt ends it, whatever it computes; a run is resumed by its next start.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _core.main(["vgae", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
