"""The way in. It imports nothing heavy by itself, so that Ctrl-C is told calmly even while the rest is still being loaded."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from console.exits import Exit


def main() -> None:
    """Run `unless` with the words of the command line, and end with its exit code."""
    ctrl_c = _listen()
    try:
        from console.application import run

        code = run()
    except BaseException as wrong:
        # A library may turn Ctrl-C into an error of its own: the import system makes a SyntaxError of it now and then.
        if not (ctrl_c or isinstance(wrong, KeyboardInterrupt)):
            raise
        code = Exit.INTERRUPTED
    sys.exit(Exit.INTERRUPTED if ctrl_c and code else code)


def _listen() -> list[int]:
    """From here on, each Ctrl-C is also written down in the list returned. One that the caller had ignored stays ignored."""
    heard: list[int] = []

    def interrupted(number: int, _frame: object) -> NoReturn:
        heard.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupted)
    return heard
