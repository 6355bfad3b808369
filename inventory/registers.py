"""The exception register, a TOML file that people edit: its entries as far as the estate needs them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

from inventory.merge import Merged, merge
from inventory.model import CostedOption, ExceptionEntry, Fault
from inventory.rows import Row, Value
from inventory.spreadsheets.dates import NotADateError, read_date
from inventory.text import clean

FORMAT = "cloud-unless/exceptions/1"
_TEXTS = ("id", "rationale", "requester", "approver")
_LISTS = ("subjects", "controls")
_DATES = ("approved_on", "expires_on")


def read_register(path: Path, read_on: date) -> tuple[tuple[ExceptionEntry, ...], tuple[Fault, ...]]:
    """The entries of an exception register, sorted by id, and its faults; never raises for what is wrong with it."""
    try:
        rows, faults = read_register_rows(path, path.name, read_on)
    except OSError as wrong:
        return (), (Fault(path.name, f"The register cannot be read: {wrong.strerror or wrong}.", "Check its name and folder."),)
    merged = merge(rows, lambda row: str(row.values["id"]), faults)
    return tuple(entry(merged[i]) for i in sorted(merged)), tuple(faults)


def entry(merged: Merged) -> ExceptionEntry:
    """The entry that a row of the register is."""
    fields: dict[str, Any] = {"subjects": (), "controls": (), **merged.values}
    return ExceptionEntry(**fields, sources=merged.sources)


def read_register_rows(path: Path, file: str, read_on: date) -> tuple[list[Row], list[Fault]]:
    """The register's entries as rows numbered by their place in it, and its faults. Raises OSError."""
    try:
        held = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as wrong:
        return [], [Fault(file, f"This is not readable as TOML: {wrong}.", "Mend the line that it names.")]
    entries = held.get("exception", [])
    if held.get("format") != FORMAT or not isinstance(entries, list):
        what = "This TOML file is not an exception register."
        return [], [Fault(file, what, f'A register begins with format = "{FORMAT}" and has [[exception]] entries.')]
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, said in enumerate(cast("list[object]", entries), 1):
        empty = Row("exceptions", file, "", number, read_on, {}, {})
        row, wrong = _entry_row(empty, cast("Mapping[str, object]", said) if isinstance(said, dict) else {})
        faults.extend(wrong)
        rows.extend([row] if row else [])
    return rows, faults


def _entry_row(empty: Row, said: Mapping[str, object]) -> tuple[Row | None, Sequence[Fault]]:
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for field in (*_TEXTS, *_LISTS, *_DATES, "options"):
        if field not in said:
            continue
        read = _value(field, said[field])
        if isinstance(read, Fault):
            faults.append(Fault(empty.file, read.what, read.remedy, "", empty.row, field))
        else:
            values[field] = read
    if not values.get("id"):
        faults.append(Fault(empty.file, "The entry has no id.", 'Give it one, such as id = "EX-2026-001".', "", empty.row, "id"))
        return None, faults
    if not values.get("subjects"):
        what = f"{values['id']} names no subjects, so it covers nothing."
        faults.append(Fault(empty.file, what, "List the workloads that it is for.", "", empty.row, "subjects"))
    return Row(empty.layout, empty.file, "", empty.row, empty.read_on, values, {f: f for f in values}), faults


def _value(field: str, said: object) -> Value | Fault:
    if field in _DATES:
        try:
            return read_date(said if isinstance(said, date) else clean(str(said)), last=field == "expires_on")
        except NotADateError as wrong:
            return Fault("", f'"{clean(str(said))[:60]}" {wrong}.', "Write the date as 2027-03-31, without quotation marks.")
    if field == "options":
        return _options(said)
    if field in _LISTS:
        if isinstance(said, list) and all(isinstance(s, str) for s in cast("list[object]", said)):
            return tuple(clean(s) for s in cast("list[str]", said) if clean(s))
        return Fault("", f"{field} is not a list of words.", f'Write {field} = ["…", "…"].')
    if isinstance(said, str):
        return clean(said)
    return Fault("", f"{field} is not text.", f'Write {field} = "…".')


def _options(said: object) -> tuple[CostedOption, ...] | Fault:
    """The ways that were weighed. One without a name or with a cost that is no whole number of pence is a fault of the entry."""
    read = (
        [_option(cast("Mapping[str, object]", o)) for o in cast("list[object]", said) if isinstance(o, dict)]
        if isinstance(said, list)
        else []
    )
    made = tuple(o for o in read if o is not None)
    if not isinstance(said, list) or len(made) < len(cast("list[object]", said)):
        return Fault(
            "", "options is not a list of named options.", 'Write options = [ { name = "…", five_year_cost_pence = 12_000_000 }, … ].'
        )
    return made


def _option(said: Mapping[str, object]) -> CostedOption | None:
    name, cost = said.get("name"), said.get("five_year_cost_pence")
    is_cost = cost is None or (isinstance(cost, int) and not isinstance(cost, bool) and cost >= 0)
    if not isinstance(name, str) or not clean(name) or not is_cost:
        return None
    return CostedOption(clean(name), cast("int | None", cost))
