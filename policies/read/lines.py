"""Where the subjects of a file stand in it: the line of a plan's workload, and the file itself for what says no place of its own."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from policies.model import Subject

_LISTS: Final = {"workload": "workloads", "dataset": "datasets", "interface": "interfaces"}
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


def placed(subjects: Sequence[Subject], file: str, text: str, *, is_plan: bool) -> tuple[Subject, ...]:
    """The subjects read from `text`, each with a file, and those of a plan with the line on which they begin.

    A plan's subjects must come in the plan's order within each kind, as its reader gives them.
    """
    told = tuple(s if s.file else replace(s, file=file) for s in subjects)
    if not is_plan:
        return told
    found = lines_of_items(text)
    lines = {kind: iter(found.get(key, ())) for kind, key in _LISTS.items()}
    return tuple(replace(s, line=next(lines[s.kind], 0)) if s.kind in lines else s for s in told)


def lines_of_items(text: str) -> dict[str, tuple[int, ...]]:
    """For each top-level key that holds a list, the line, from 1, on which each item begins. `text` must be a valid JSON object."""
    ends = [m.start() for m in re.finditer("\n", text)]
    begins = {key: at for key, at in _values(text).items() if text[at] == "["}
    return {key: tuple(bisect_right(ends, item) + 1 for item in _items(text, at)) for key, at in begins.items()}


def _values(text: str) -> Mapping[str, int]:
    """Where the value of each top-level key begins; of a key that is there twice the last, which is what JSON readers take."""
    begins: dict[str, int] = {}
    at = _after_space(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        begins[key] = at = _after_space(text, _after_space(text, at) + 1)
        at = _after_space(text, _DECODER.raw_decode(text, at)[1])
        at = _after_space(text, at + 1) if text[at] == "," else at
    return begins


def _items(text: str, at: int) -> Iterator[int]:
    """Where each item of the list that begins at `at` begins."""
    at = _after_space(text, at + 1)
    while text[at] != "]":
        yield at
        at = _after_space(text, _DECODER.raw_decode(text, at)[1])
        at = _after_space(text, at + 1) if text[at] == "," else at


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
