"""One file to samples and faults: its form is known by what it begins with, never by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from inventory.model import Fault
from inventory.spreadsheets.delimited import delimited_grid, digest_and_encoding
from inventory.spreadsheets.grid import Grid, UnreadableError
from inventory.spreadsheets.workbooks import is_workbook, workbook_grids
from inventory.telemetry.read.bitbrains import LAYOUT as BITBRAINS
from inventory.telemetry.read.bitbrains import is_bitbrains, read_bitbrains
from inventory.telemetry.read.model import Gathering, SampleReading, kept, nothing
from inventory.telemetry.read.perfmon import LAYOUT as PERFMON
from inventory.telemetry.read.perfmon import is_perfmon, read_perfmon
from inventory.telemetry.read.sar import SADF, SAR, is_sadf, is_sar, read_sadf, read_sar
from inventory.telemetry.read.table import columns_of, read_table

TABLE = "samples"
_HOW = "Samples are CSV of Performance Monitor, sar or sadf -d, or a table with a server, a time and a metric (docs/guides/telemetry.md)."


def read_samples(path: Path, file: str, zone: tzinfo) -> SampleReading:
    """Read one file. Never raises for what is wrong with it. `zone` is that of times which name none; `file` its name in faults."""
    try:
        if not path.is_file():
            return nothing(file, Fault(file, "There is no such file.", "Check its name and folder."))
        digest, encoding = digest_and_encoding(path)
        with path.open("rb") as held:
            start = held.read(65_536)
        if not start.strip():
            return nothing(file, Fault(file, "The file is empty.", "Take the samples again."), digest=digest)
        return replace(_read(path, file, encoding, start, zone), digest=digest)
    except UnreadableError as wrong:
        return nothing(file, replace(wrong.fault, file=file))
    except OSError as wrong:
        return nothing(file, Fault(file, f"The file cannot be read: {wrong.strerror or wrong}.", "Check its permissions and the disk."))


def _read(path: Path, file: str, encoding: str, start: bytes, zone: tzinfo) -> SampleReading:
    if is_workbook(start):
        return _tables(workbook_grids(path, file)[0], file, zone)
    if not encoding:
        return nothing(file, Fault(file, "This is neither text nor a workbook.", _HOW))
    first = start.decode(encoding, "replace").partition("\n")[0].rstrip("\r")
    forms: tuple[tuple[Callable[[str], bool], str, Callable[[Gathering], tuple[Fault, ...]]], ...] = (
        (is_perfmon, PERFMON, lambda to: read_perfmon(path, file, encoding, to)),
        (is_sadf, SADF, lambda to: read_sadf(path, file, encoding, to)),
        (is_sar, SAR, lambda to: read_sar(path, file, encoding, zone, to)),
        (is_bitbrains, BITBRAINS, lambda to: read_bitbrains(path, file, encoding, to)),
    )
    for is_one, layout, read in forms:
        if is_one(first):
            gathering = Gathering()
            faults = read(gathering)
            return _handed_over(file, layout, gathering, faults, adds_up=True)
    return _tables([delimited_grid(path, file, encoding)], file, zone)


def _tables(grids: list[Grid], file: str, zone: tzinfo) -> SampleReading:
    found = [(grid, columns) for grid in grids if (columns := columns_of(grid)) is not None]
    if not found:
        return nothing(file, Fault(file, "No table in it has headings for a server, a time and something that is measured.", _HOW))
    gathering = Gathering()
    faults = tuple(f for grid, columns in found for f in read_table(grid, columns, file, zone, gathering))
    return _handed_over(file, TABLE, gathering, faults, adds_up=False)


def _handed_over(file: str, layout: str, gathering: Gathering, faults: tuple[Fault, ...], *, adds_up: bool) -> SampleReading:
    samples, wrong = kept(gathering.whole(adds_up=adds_up), file)
    if not len(samples) and not faults and not wrong:
        faults = (Fault(file, "It holds no samples.", "Take the samples again, and check that the file has rows."),)
    return SampleReading(file, "", layout, samples, (*faults, *wrong))
