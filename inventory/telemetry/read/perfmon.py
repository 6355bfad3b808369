r"""CSV of Windows Performance Monitor (PDH-CSV 4.0): a column for each counter of each machine, `\\MACHINE\Object(instance)\Counter`.

The first heading gives the time zone and its bias, the minutes to add to a time to have UTC; times are month first, whatever
the machine's language. Source: learn.microsoft.com, "typeperf" and "logman create counter", read 2026-11-25.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from inventory.model import Fault
from inventory.telemetry.metrics import Term, vocabulary
from inventory.telemetry.read.lines import rows_of
from inventory.telemetry.read.model import Gathering, Misfits, added_up, named, outside

LAYOUT = "perfmon"
_BIAS = re.compile(r"\(PDH-CSV 4\.0\)(?:\s*\([^)]*\)\s*\((-?\d{1,4})\))?")
_PATH = re.compile(r"\\\\([^\\]+)\\(.+)", re.DOTALL)
_AT = "%m/%d/%Y %H:%M:%S"
_Counter = tuple[int, str, Term]


def is_perfmon(first_line: str) -> bool:
    """Whether a file that begins so is of this form."""
    return first_line.lstrip("\ufeff\"' ").startswith("(PDH-CSV 4.0)")


def read_perfmon(path: Path, file: str, encoding: str, gathering: Gathering) -> tuple[Fault, ...]:
    """Gather the samples of the counters that are known; a blank cell is a sample that was not taken. Raises UnreadableError."""
    misfits = Misfits(file)
    bias, counters = 0, list[_Counter]()
    for row, cells in rows_of(path, encoding, ","):
        if row == 1:
            found = _BIAS.match(cells[0].lstrip("\ufeff "))
            bias = int(found[1] or 0) if found else 0
            counters = _counters(cells)
            if not counters:
                return (_no_counter(file),)
        else:
            _row(row, cells, bias, counters, gathering, misfits)
    return misfits.faults()


def _counters(headings: Sequence[str]) -> list[_Counter]:
    """The place, machine and meaning of every counter that is known; of two that say the same of one machine, the first that is listed."""
    made: list[_Counter] = []
    for index, heading in enumerate(headings[1:], 1):
        found = _PATH.fullmatch(heading.strip())
        term = found and next((t for t in vocabulary().perfmon if _matches(found[2], t.column)), None)
        if found and term:
            made.append((index, named(found[1]), term))
    order = [t.column for t in vocabulary().perfmon]
    chosen: dict[tuple[str, str], str] = {}
    for _, machine, term in sorted(made, key=lambda c: order.index(c[2].column)):
        chosen.setdefault((machine, term.metric), term.column)
    return [c for c in made if chosen[c[1], c[2].metric] == c[2].column]


def _matches(counter: str, wanted: str) -> bool:
    """Case makes no difference, and `*` stands for any instance; brackets of an instance are no pattern."""
    return fnmatchcase(counter.casefold(), wanted.replace("[", "[[]"))


def _row(row: int, cells: Sequence[str], bias: int, counters: Sequence[_Counter], gathering: Gathering, misfits: Misfits) -> None:
    try:
        at = int(datetime.strptime(cells[0].partition(".")[0].strip(), _AT).replace(tzinfo=UTC).timestamp()) + bias * 60
    except ValueError:
        misfits.add(row, "", "The row does not begin with a time.", "Take the samples again, or delete the row.")
        return
    of_machine: dict[str, list[tuple[str, float | None]]] = {}
    for index, machine, term in counters:
        text = cells[index].strip() if index < len(cells) else ""
        if text:
            of_machine.setdefault(machine, []).append((term.metric, _figure(row, text, term, misfits)))
    for machine, parts in of_machine.items():
        gathering.add(machine, at, added_up(parts))


def _figure(row: int, text: str, term: Term, misfits: Misfits) -> float | None:
    try:
        return term.base + term.times * float(text.replace(",", "."))
    except ValueError:
        misfits.add(row, term.column, f"“{text[:40]}” is no number.", "Take the samples again, or empty the cell.")
        return None


def _no_counter(file: str) -> Fault:
    wanted = outside(t.column for t in vocabulary().perfmon)
    return Fault(file, "None of its counters is one that is known.", f"Take at least one of these: {wanted}.", row=1)
