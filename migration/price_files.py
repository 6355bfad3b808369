"""A price book from files that were brought by hand: pages, a folder of them, a book that another machine synced, or a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from migration.errors import MigrationError
from migration.metering.retail import RECORD, Page, files_of, rows_of, terms_of
from migration.metering.tiers import NO_REGION
from migration.price_book import API
from migration.price_folder import Ask, Record, alone, fresh, pages_of, publish
from migration.price_snapshot import SUFFIX, read_snapshot
from migration.price_sync import keep


@dataclass(frozen=True)
class Brought:
    """Pages as they were brought: whence, of when, and what is wrong with some of their rows."""

    source: str
    on: datetime
    pages: tuple[tuple[str, bytes, int], ...]
    """Name, content and number of rows of each."""
    regions: frozenset[str]
    faults: tuple[str, ...]


def read_brought(path: Path, now: datetime) -> Brought:
    """The pages of a file or folder. Raises MigrationError with every fault when they cannot be used at all."""
    if path.is_dir() and (path / RECORD).is_file() and (synced := pages_of(path)):
        record, files = synced
        return replace(_brought(files, path, record.started), source=record.source)
    if path.suffix.casefold() == SUFFIX:
        held = read_snapshot(path)
        source = f"Azure's price calculator, snapshot {path.name}, dollars at {held.rate:.4f} pounds"
        return Brought(source, held.on, ((path.name, held.page, held.rows),), held.regions, ())
    return _brought(files_of(path), path, now)


def bring(root: Path, region: str, brought: Brought, now: datetime) -> Record:
    """Make these pages the book of a region. Raises MigrationError when none of their prices is of that region."""
    if region not in brought.regions:
        others = ", ".join(sorted(brought.regions - set(NO_REGION))) or "no region"
        raise MigrationError(f"{brought.source}: no price is of {region}; there are prices of {others}. Name one of these with --region.")
    folder = root / region
    to_ask = tuple(Ask(service="", address=name) for name, _, _ in brought.pages)
    begun = Record(region=region, source=brought.source, book=1, started=brought.on, to_ask=to_ask)
    with alone(folder):
        try:
            record = fresh(folder, begun)
            for _, content, rows in brought.pages:
                record = keep(folder, record, content, Page(rows, frozenset(), ""))
            whole = record.model_copy(update={"finished": now})
            publish(folder, whole)
        except OSError as wrong:
            raise MigrationError(f"{folder} cannot be written: {wrong.strerror}. Look at the disk, then run it again.") from wrong
    return whole


def _brought(files: Sequence[Path], path: Path, on: datetime) -> Brought:
    sheet = terms_of(files, path)
    pages = tuple((f.name, f.read_bytes(), rows_of(f)) for f in files)
    return Brought(f"{API}, pages in {path.name}", on, pages, frozenset(r.region for r in sheet.rows), sheet.faults)
