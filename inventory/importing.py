"""From files to the store, in two steps: read them all, then save what is good in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from inventory.model import Estate, Fault
from inventory.reconcile import reconcile
from inventory.rows import FileReading, Row, SheetReading
from inventory.spreadsheets.read import SUFFIXES, read_file
from inventory.store import Saved, Store
from inventory.text import clean

HOWS = ("added", "changed", "unchanged", "removed")


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. `counts` are records that it speaks of, by added, changed, unchanged and removed."""

    file: str
    is_unchanged: bool
    sheets: Sequence[SheetReading]
    counts: Mapping[str, int]
    faults: tuple[Fault, ...]


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
    paths: Sequence[Path], read_on: date, *, beside: Path | None = None, on_file: Callable[[str], None] = lambda _: None
) -> tuple[FileReading, ...]:
    """Read files, and every recognised file of folders. What is wrong with one is in its `faults`; nothing is raised.

    A file is known by its path below `beside`, or by its bare name elsewhere; `on_file` hears each name when it is read.
    """
    made: dict[str, FileReading] = {}
    for path, is_chosen in _expanded(paths):
        name = _name(path, beside)
        reading = read_file(path, name, read_on)
        on_file(name)
        if not is_chosen and reading.is_foreign:
            continue
        made[name] = _clash(made[name], reading) if name in made else reading
    return tuple(made.values())


def _expanded(paths: Sequence[Path]) -> list[tuple[Path, bool]]:
    """Each file once, and whether it was named itself (else it was found in a folder that was)."""
    made: dict[Path, tuple[Path, bool]] = {}
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file() and p.name[0] not in ".~")
            for inside in found:
                made.setdefault(inside.resolve(), (inside, False))
            if not found:
                made.setdefault(path.resolve(), (path, True))
        else:
            made[path.resolve()] = (path, True)
    return list(made.values())


def _name(path: Path, beside: Path | None) -> str:
    whole = path.resolve()
    if beside is not None and whole.is_relative_to(beside.resolve()):
        return clean(whole.relative_to(beside.resolve()).as_posix())
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
    store: Store, paths: Sequence[Path], read_on: date, *, beside: Path | None = None, on_file: Callable[[str], None] = lambda _: None
) -> ImportResult:
    """Read the files and save what is good. Importing the same bytes again changes nothing.

    Raises InventoryError when the store cannot be written; it is then as it was.
    """
    readings = read_files(paths, read_on, beside=beside, on_file=on_file)
    saved = store.save([r for r in readings if r.is_readable])
    faults = dict(store.faults())
    files = tuple(_result(r, saved, faults.pop(r.file, ())) for r in readings)
    return ImportResult(files, _by_kind(saved), {file: of for file, of in faults.items() if of})


def _result(reading: FileReading, saved: Saved, held: tuple[Fault, ...]) -> FileResult:
    counts = Counter(c.how for c in saved.changes if reading.file in c.files)
    return FileResult(
        reading.file,
        reading.file in saved.unchanged_files,
        reading.sheets,
        {how: counts[how] for how in HOWS},
        held if reading.is_readable else tuple(reading.faults),
    )


def _by_kind(saved: Saved) -> Mapping[str, Mapping[str, int]]:
    made: dict[str, dict[str, int]] = {}
    for change in saved.changes:
        of = made.setdefault(change.kind, dict.fromkeys(HOWS, 0))
        of[change.how] += 1
    return made
