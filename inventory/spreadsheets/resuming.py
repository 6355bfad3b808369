"""Rows of a CSV, read on past those whose quotation marks are wrong. Pure, but for the lines that it is given."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BAD_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A row that cannot be read, and why. `is_last`: and nothing below it can be told from it."""

    why: str
    is_last: bool = False


class _Lines:
    """Lines for `csv.reader`, all but the first of which can be given back when they turn out to be no row."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._taken: list[str] = []
        self._again: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._taken.append(line)
        return line

    def begin(self) -> None:
        self._taken.clear()

    def give_back(self) -> None:
        self._again.extendleft(reversed(self._taken[1:]))


def rows(lines: Iterator[str], separator: str) -> Iterator[list[str] | Spoilt]:
    """Each row's cells, and in its place each row that is spoilt, with the lines that belong to it.

    A spoilt row may have line ends in its cells, and what follows one must not pass for a row: reading goes on at the
    next line that has as many cells as some row above. Where none has, or very many rows are spoilt, it ends there.
    """
    widths: set[int] = set()
    spoilt: str = ""
    passed_over = bad = 0
    for read in _records(lines, separator):
        if isinstance(read, csv.Error):
            if spoilt:
                yield Spoilt(spoilt)
            spoilt, passed_over, bad = _why(read), 0, bad + 1
            if bad > MOST_BAD_ROWS:
                break
        elif not spoilt:
            widths.add(len(read))
            yield read
        elif len(read) > 1 and (len(read) in widths or not widths):
            yield Spoilt(spoilt)
            spoilt = ""
            yield read
        else:
            passed_over += bool(read)
    if spoilt:
        yield Spoilt(spoilt, is_last=passed_over > 0 or bad > MOST_BAD_ROWS)


def _records(lines: Iterator[str], separator: str) -> Iterator[list[str] | csv.Error]:
    """What `csv.reader` makes of the lines; after an error it starts again at the second line of what it could not read."""
    held = _Lines(lines)
    reader = csv.reader(held, delimiter=separator, strict=True)
    while True:
        held.begin()
        read: list[str] | csv.Error
        try:
            read = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            held.give_back()
            read = wrong
        yield read


def _why(wrong: csv.Error) -> str:
    return "a cell is too long" if "field" in str(wrong) else "a quotation mark is not closed, or stands in the middle of a cell"
