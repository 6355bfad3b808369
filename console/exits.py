"""Exit codes of `unless`."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """0 fine, 1 found something (a breach, a fault), 2 wrong usage, 3 could not tell; the last two as shells know them."""

    FINE = 0
    FOUND = 1
    USAGE = 2
    CANNOT_TELL = 3
    INTERRUPTED = 130
    READER_GONE = 141
