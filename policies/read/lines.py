"""Where the subjects of a file stand in it: the line on which the object begins that each was read from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

import yaml

from policies.model import Subject

_LISTS: Final = {"workload": "workloads", "dataset": "datasets", "interface": "interfaces"}
_TOKEN: Final = re.compile(r'"(?:[^"\\]+|\\.)*"|[{}\n]')


class Written(dict[str, Any]):
    """An object of a file, with the line on which it begins, from 1; 0 when nobody knows."""

    __slots__ = ("line",)

    def __init__(self, held: Mapping[str, Any] | Sequence[tuple[str, Any]], line: int = 0) -> None:
        """The object as it is. Of a key that is there twice the last counts, as for every reader of JSON."""
        super().__init__(held)
        self.line = line


def line_of(held: object) -> int:
    """The line on which an object begins; 0 when nobody knows."""
    return held.line if isinstance(held, Written) else 0


def parse_with_lines(text: str) -> Any:
    """JSON that is known to be valid, in which every object is `Written`.

    The reader gives an object to its hook when it ends, and in that order the beginnings are kept.
    """
    lines = _lines_by_end(text)
    return json.loads(text, object_pairs_hook=lambda pairs: Written(pairs, next(lines)))


def _lines_by_end(text: str) -> Iterator[int]:
    """The line on which each object begins, in the order in which they end."""
    line, begun = 1, list[int]()
    for token in _TOKEN.finditer(text):
        match text[token.start()]:
            case "\n":
                line += 1
            case "{":
                begun.append(line)
            case "}":
                yield begun.pop()
            case _:
                pass


def placed(subjects: Sequence[Subject], file: str, text: str, kind: str) -> tuple[Subject, ...]:
    """The subjects read from `text`, a file of that kind, each with a file and, where it has none from its reader, a line.

    A plan's subjects must come in the plan's order within each kind, as its reader gives them.
    """
    told = tuple(s if s.file else replace(s, file=file) for s in subjects)
    if kind == "plan":
        return _of_plan(told, text)
    if kind == "runbook":
        return tuple(replace(s, line=1, lines=lines_of_steps(text)) for s in told)
    if kind in ("preview", "stack export") and any(s.file == file and not s.line for s in told):
        lines = _by_urn(parse_with_lines(text))
        return tuple(replace(s, line=lines.get(s.id, 0)) if s.file == file and not s.line else s for s in told)
    return tuple(s if s.line else replace(s, line=1) for s in told) if kind in ("journal", "questionnaire") else told


def _of_plan(subjects: Sequence[Subject], text: str) -> tuple[Subject, ...]:
    held = parse_with_lines(text)
    lines = {kind: map(line_of, held.get(key) or ()) for kind, key in _LISTS.items()} | {"plan": iter([line_of(held)])}
    return tuple(replace(s, line=next(lines[s.kind], 0)) for s in subjects)


def _by_urn(held: object) -> dict[str, int]:
    """For each URN the first line on which an object begins that has it."""
    found: dict[str, int] = {}
    waiting = [held]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Written):
            if isinstance(urn := one.get("urn"), str):
                found[urn] = min(found.get(urn, one.line), one.line)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += cast("list[object]", one)
    return found


def lines_of_steps(text: str) -> dict[str, int]:
    """The line on which each step of a runbook's YAML begins, by its path (`steps[0]`)."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    pairs = cast("list[tuple[yaml.Node, yaml.Node]]", root.value) if isinstance(root, yaml.MappingNode) else []
    steps = next((v for k, v in pairs if k.value == "steps"), None)
    items = cast("list[yaml.Node]", steps.value) if isinstance(steps, yaml.SequenceNode) else []
    return {f"steps[{n}]": item.start_mark.line + 1 for n, item in enumerate(items)}
