"""Read the meters, and the council's own quantities over their defaults. Every mistake is told at once, by file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from migration.errors import MigrationError
from migration.knowledge.load import read_knowledge_file
from migration.metering.model import Meter, Metering, Quantity

METERS = Path(__file__).with_name("meters.toml")
QUANTITIES = "cloud-unless/quantities/1"
"""The format of the council's own file: this line, and a table `quantities` of id to number."""


MOST = 1e12
"""More of anything in a month is a slip of the pen; nor is anything that is not a number below it."""


def load_meters(quantities: Path | None = None, file: Path = METERS) -> Metering:
    """The meters, with the quantities of the file `quantities` in place of the defaults. Raises MigrationError with every mistake."""
    held = read_knowledge_file(file, Metering, "cloud-unless/meters/1")
    if faults := [f for m in held.meter for f in _faults(m, held, file)]:
        raise MigrationError(*faults)
    return held if quantities is None else replace(held, quantity=_overruled(held, quantities))


def _faults(meter: Meter, held: Metering, file: Path) -> Iterator[str]:
    where = f"{file}, meter {meter.title!r}"
    if meter.by not in {q.id for q in held.quantity}:
        yield f"{where}: by is {meter.by!r}, which is no quantity of the file. Correct it."
    if meter.source not in held.source_of or meter.source not in held.date_of:
        yield f"{where}: source is {meter.source!r}, which source_of and date_of do not both have. Add it there."
    if meter.usd is not None and not meter.priced_in:
        yield f"{where}: usd stands without priced_in. Say which region the price is of."


def _overruled(held: Metering, file: Path) -> tuple[Quantity, ...]:
    read = _read(file)
    table: Any = read.get("quantities", {})
    told: Mapping[str, Any] = cast("Mapping[str, Any]", table) if isinstance(table, dict) else {}
    known = [q.id for q in held.quantity if q.id != "always-on"]
    faults = [*_wrong_keys(file, read), *(f for key, value in told.items() for f in _wrong(file, key, value, known))]
    if faults:
        raise MigrationError(*faults)
    return tuple(replace(q, amount=Decimal(str(told[q.id])), source=str(file)) if q.id in told else q for q in held.quantity)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as wrong:
        raise MigrationError(f"{file} cannot be read: {wrong.strerror}. Name a file of quantities.") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise MigrationError(f"{file} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong


def _wrong_keys(file: Path, read: Mapping[str, Any]) -> Iterator[str]:
    if read.get("format") != QUANTITIES:
        yield f'{file}, key format: write format = "{QUANTITIES}".'
    for key in sorted(read.keys() - {"format", "quantities"}):
        yield f"{file}, key {key}: there is no such key. Quantities stand in the table [quantities]."
    if not isinstance(read.get("quantities", {}), dict):
        yield f"{file}, key quantities: it must be a table of quantities and their numbers."


def _wrong(file: Path, key: str, value: object, known: list[str]) -> Iterator[str]:
    if key not in known:
        yield f"{file}, key quantities.{key}: there is no such quantity. Known: {', '.join(known)}."
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < MOST:
        yield f"{file}, key quantities.{key}: {value!r} is no quantity of a month. Write a number, 0 or more."
