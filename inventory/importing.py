"""From files to the store, in two steps: read them all, then save what is good in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from os.path import realpath
from pathlib import Path

from inventory.model import Estate, Fault
from inventory.reconcile import reconcile
from inventory.rows import FileReading, Row, SheetReading
from inventory.spreadsheets.read import SUFFIXES, read_file
from inventory.store import Saved, Store, Taken
from inventory.text import clean

HOWS = ("added", "changed", "unchanged", "removed")


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. `counts` are records that it speaks of, by added, changed, unchanged and removed."""

    file: str
    taken: Taken
    sheets: Sequence[SheetReading]
    counts: Mapping[str, int]
    faults: tuple[Fault, ...]

    @property
    def is_unchanged(self) -> bool:
        """Whether the same bytes were already held."""
        return self.taken is Taken.UNCHANGED

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it was taken."""
        return self.taken is Taken.REFUSED

    @property
    def is_used(self) -> bool:
        """Whether the estate holds rows of this reading."""
        return not self.is_refused and any(s.rows for s in self.sheets)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: each file; records by kind and how; the faults that other files still have."""

    files: tuple[FileResult, ...]
    counts: Mapping[str, Mapping[str, int]]
    other_faults: Mapping[str, tuple[Fault, ...]]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault of the files of this import."""
        return tuple(f for file in self.files for f in file.faults)


def read_files(
    paths: Sequence[Path], read_on: date, *, beside: Path | None = None, on_step: Callable[[str], None] = lambda _: None
) -> tuple[FileReading, ...]:
    """Read files, and every recognised file of folders. What is wrong with one is in its `faults`; nothing is raised.

    A file is known by its path below `beside`, or by its bare name elsewhere; `on_step` hears what is being done.
    """
    made: dict[str, FileReading] = {}
    for path, is_chosen in _expanded(paths):
        name = _name(path, beside)
        on_step(name)
        reading = read_file(path, name, read_on, lambda rows, name=name: on_step(f"{name}, row {rows:,}"))
        if not is_chosen and reading.is_foreign:
            continue
        made[name] = _clash(made[name], reading) if name in made else reading
    return tuple(made.values())


def _expanded(paths: Sequence[Path]) -> list[tuple[Path, bool]]:
    """Each file once, and whether it was named itself (else it was found in a folder that was)."""
    made: dict[str, tuple[Path, bool]] = {}
    for path in paths:
        inside = _inside(path)
        for found in inside:
            made.setdefault(realpath(found), (found, False))
        if not inside:
            made[realpath(path)] = (path, True)
    return list(made.values())


def _inside(folder: Path) -> list[Path]:
    """The files of a folder that may hold tables; none when it is no folder, or not one that may be read."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file() and p.name[0] not in ".~")
    except (OSError, ValueError):
        return []


def _name(path: Path, beside: Path | None) -> str:
    whole = Path(realpath(path))
    if beside is not None and whole.is_relative_to(realpath(beside)):
        return clean(whole.relative_to(realpath(beside)).as_posix())
    return clean(whole.name)


def _clash(first: FileReading, second: FileReading) -> FileReading:
    if first.digest == second.digest:
        return first
    fault = Fault(first.file, "Two different files have this name; only the first was read.", "Rename one of them, and import it again.")
    return replace(first, faults=(*first.faults, fault))


def rows_of(readings: Sequence[FileReading]) -> list[Row]:
    """All rows, file by file."""
    return [row for reading in readings for row in reading.rows]


def estate_from_files(paths: Sequence[Path], read_on: date) -> tuple[Estate, tuple[Fault, ...]]:
    """The estate that files describe, and all their faults, without a store."""
    readings = read_files(paths, read_on)
    estate, misfits = reconcile(rows_of(readings))
    return estate, tuple(f for r in readings for f in r.faults) + misfits


def import_files(
    store: Store, paths: Sequence[Path], read_on: date, *, beside: Path | None = None, on_step: Callable[[str], None] = lambda _: None
) -> ImportResult:
    """Read the files and save what is good. Importing the same bytes again changes nothing.

    Raises InventoryError when the store cannot be written; it is then as it was.
    """
    readings = list(read_files(paths, read_on, beside=beside, on_step=on_step))
    on_step("Saving")
    saved = store.save(_handed_over(readings))
    faults = dict(store.faults())
    files = tuple(_result(r, saved, faults.pop(r.file, ())) for r in readings)
    return ImportResult(files, _by_kind(saved), {file: of for file, of in faults.items() if of})


def _handed_over(readings: list[FileReading]) -> Iterator[FileReading]:
    """Each reading in turn, of which the list then keeps all but the rows: a large file's are held once at a time."""
    for n in range(len(readings)):
        whole, readings[n] = readings[n], replace(readings[n], rows=())
        yield whole


def _result(reading: FileReading, saved: Saved, held: tuple[Fault, ...]) -> FileResult:
    counts = Counter[str]()
    for change, number in saved.changes.items():
        if reading.file in change.files:
            counts[change.how] += number
    return FileResult(reading.file, saved.files[reading.file], reading.sheets, {how: counts[how] for how in HOWS}, held)


def _by_kind(saved: Saved) -> Mapping[str, Mapping[str, int]]:
    made: dict[str, dict[str, int]] = {}
    for change, number in saved.changes.items():
        made.setdefault(change.kind, dict.fromkeys(HOWS, 0))[change.how] += number
    return made
