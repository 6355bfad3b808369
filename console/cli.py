"""The way in. It imports nothing heavy by itself, so that Ctrl-C is told calmly even while the rest is still being loaded."""

from __future__ import annotations

import sys

from console.exits import Exit


def main() -> None:
    """Run `unless` with the words of the command line, and end with its exit code."""
    try:
        from console.application import run

        sys.exit(run())
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
