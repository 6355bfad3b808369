"""What the synced price books say, under our names: of every region that was synced, with whence and of when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from migration.errors import MigrationError
from migration.knowledge.model import RetailMeter
from migration.metering.retail import RetailPrice, terms_of
from migration.metering.tiers import NO_REGION
from migration.price_book import Book, book_of
from migration.price_folder import STALE_AFTER, Record, pages_of, regions_of


@dataclass(frozen=True)
class Shelved:
    """One region's book: its record and its prices, each None where it cannot be read; the faults then say why."""

    region: str
    record: Record | None
    book: Book

    def age_days(self, on: date) -> int | None:
        """Whole days since it was asked for; 0 on a day before that."""
        return max(0, (on - self.record.started.date()).days) if self.record else None

    def is_stale(self, on: date) -> bool:
        """Whether it is so old that it must be brought again."""
        age = self.age_days(on)
        return age is not None and age > STALE_AFTER.days


def shelf(root: Path, meters: Sequence[RetailMeter], on: date) -> tuple[Shelved, ...]:
    """Every synced book as on a day, by region. Of one that cannot be read, the book is empty and has the faults."""
    return tuple(_shelved(root / region, meters, on) for region in regions_of(root))


def _shelved(folder: Path, meters: Sequence[RetailMeter], on: date) -> Shelved:
    try:
        held = pages_of(folder)
        if held is None:
            return Shelved(folder.name, None, Book((), ()))
        record, files = held
        sheet = terms_of(files, folder)
    except MigrationError as wrong:
        return Shelved(folder.name, None, Book((), tuple(wrong.faults)))
    book = book_of(_of_region(sheet.rows, record.region), meters, on, source_of(record))
    return Shelved(folder.name, record, Book(book.prices, (*sheet.faults, *book.faults)))


def source_of(record: Record) -> str:
    """Whence the prices of a book are, and when they were asked for."""
    return f"{record.source}, {record.started.date()}"


def _of_region(rows: Iterable[RetailPrice], region: str) -> list[RetailPrice]:
    return [r for r in rows if r.region == region or r.region in NO_REGION]
