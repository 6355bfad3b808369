"""The price book on disk: `prices/REGION/` of the workspace, with every page as it was received and a record of whence and when.

    sync.json            the record of the book that counts: the last that is whole
    book-N/0001.json …   its pages
    book-N/cursor.json   the record of book N as far as it has come: what is kept, and what is to be asked next

A newer book is written beside the old one, and counts from the moment at which the one record takes the other's place.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Generator, Set
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inventory.whole import write_whole
from migration.errors import MigrationError
from migration.execution.lock import take
from migration.metering.retail import CURSOR, RECORD

RESUMED_WITHIN: Final = timedelta(days=1)
"""A sync that broke off longer ago begins anew, so that no book is of two days."""
STALE_AFTER: Final = timedelta(days=31)
"""A book older than a month is told: a month is what Azure bills by."""
_AGAIN: Final = "Bring the prices again: unless prices sync --region {region}"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(_Part):
    """One address to ask, and the service whose prices are there."""

    service: str
    address: str


class Kept(_Part):
    """One page on disk."""

    file: str = Field(pattern=r"^\d{4,6}\.json$")
    service: str
    asked: str
    rows: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Record(_Part):
    """Whence a book is, of when, and how far it has come. It is whole when nothing is left `to_ask`."""

    format: Literal["cloud-unless/prices-synced/1"] = "cloud-unless/prices-synced/1"
    region: str = Field(pattern=r"^[a-z][a-z0-9]{1,39}$")
    currency: Literal["GBP"] = "GBP"
    source: str
    book: int = Field(ge=1)
    started: datetime
    finished: datetime | None = None
    questions: tuple[Ask, ...] = ()
    to_ask: tuple[Ask, ...] = ()
    pages: tuple[Kept, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of all pages that are kept."""
        return sum(p.rows for p in self.pages)

    def with_page(self, content: bytes, rows: int, next_page: str) -> Record:
        """The record once this page, which is what was to be asked next, is kept."""
        asked, *others = self.to_ask
        kept = Kept(file=self.next_file, service=asked.service, asked=asked.address, rows=rows, sha256=digest_of(content))
        following = [Ask(service=asked.service, address=next_page)] if next_page else []
        return self.model_copy(update={"pages": (*self.pages, kept), "to_ask": (*following, *others)})

    def of_first(self, number: int) -> Record:
        """The record as it was when so many of its pages were kept."""
        if number == len(self.pages):
            return self
        lost = self.pages[number]
        after = [q.service for q in self.questions].index(lost.service) + 1
        asks = (Ask(service=lost.service, address=lost.asked), *self.questions[after:])
        return self.model_copy(update={"pages": self.pages[:number], "to_ask": asks})

    @property
    def next_file(self) -> str:
        """The name of the page that comes next."""
        return f"{len(self.pages) + 1:04}.json"


def digest_of(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Hold a region's folder, made where it is not there. Raises MigrationError while another process has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise MigrationError(f"{folder} cannot be made: {wrong.strerror}. Look at the path and its permissions.") from wrong
    try:
        connection = take(folder)
    except sqlite3.Error as wrong:
        raise MigrationError(
            f"{folder / 'lock.sqlite'} cannot be used ({wrong}). Remove it, and look at the folder's permissions."
        ) from wrong
    if connection is None:
        raise MigrationError(f"{folder} is being synced already. Wait for that to end.")
    try:
        yield
    finally:
        connection.close()


def regions_of(root: Path) -> list[str]:
    """Regions of which there is a whole book, in alphabetical order."""
    return sorted(f.parent.name for f in root.glob(f"*/{RECORD}"))


def read_record(file: Path) -> Record | None:
    """A record; None where there is none. Raises MigrationError when it cannot be read."""
    try:
        return Record.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as wrong:
        raise MigrationError(f"{file} cannot be read: {wrong.strerror}. Look at its permissions.") from wrong
    except ValidationError as wrong:
        again = f"{_AGAIN.format(region=file.parent.name)}, once {file} is removed."
        raise MigrationError(
            *(f"{file}, key {'.'.join(map(str, e['loc'])) or 'format'}: {e['msg']}. {again}" for e in wrong.errors())
        ) from wrong


def write_record(file: Path, record: Record) -> None:
    """Write a record, whole. Raises OSError."""
    write_whole(file, record.model_dump_json(indent=1) + "\n")


def book_folder(folder: Path, record: Record) -> Path:
    """Where the pages of a book lie, below the region's folder."""
    return folder / f"book-{record.book}"


def pages_of(folder: Path) -> tuple[Record, list[Path]] | None:
    """The record that counts and its pages, each as it was received; None where there is no whole book.

    Raises MigrationError, naming every page that is missing or was changed.
    """
    record = read_record(folder / RECORD)
    if record is None:
        return None
    files = [book_folder(folder, record) / p.file for p in record.pages]
    changed = [f for f, p in zip(files, record.pages, strict=True) if _digest(f) != p.sha256]
    again = _AGAIN.format(region=record.region)
    if changed:
        raise MigrationError(*(f"{f} is not as it was received: it is missing or was changed. {again}" for f in changed))
    return record, files


def resumed(folder: Path, begun: Record) -> Record:
    """The book to go on with: the one that broke off, where it answers the same questions and is of today, else `begun`.

    Any other book but the one that counts is removed. From the first page that was changed since, pages are asked for again.
    """
    begun = _numbered(folder, begun)
    half = _broken_off(book_folder(folder, begun), begun)
    if half is None:
        return fresh(folder, begun)
    _remove_books(folder, but={begun.book - 1, begun.book})
    return half


def fresh(folder: Path, begun: Record) -> Record:
    """The book `begun`, with a folder of its own and no page yet. Any other book but the one that counts is removed."""
    begun = _numbered(folder, begun)
    _remove_books(folder, but={begun.book - 1})
    book_folder(folder, begun).mkdir()
    return begun


def publish(folder: Path, record: Record) -> None:
    """Make a whole book the one that counts, then remove the one before."""
    write_record(folder / RECORD, record)
    _remove_books(folder, but={record.book})


def _numbered(folder: Path, begun: Record) -> Record:
    counts = read_record(folder / RECORD)
    return begun.model_copy(update={"book": counts.book + 1 if counts else 1})


def _remove_books(folder: Path, but: Set[int]) -> None:
    kept = {folder / f"book-{number}" for number in but}
    for other in folder.glob("book-*"):
        if other not in kept:
            shutil.rmtree(other)


def _broken_off(book: Path, begun: Record) -> Record | None:
    try:
        half = read_record(book / CURSOR)
    except MigrationError:
        return None
    if half is None or (half.region, half.source, half.questions, half.book) != (begun.region, begun.source, begun.questions, begun.book):
        return None
    if not timedelta() <= begun.started - half.started <= RESUMED_WITHIN:
        return None
    good = next((n for n, p in enumerate(half.pages) if _digest(book / p.file) != p.sha256), len(half.pages))
    return half.of_first(good)


def _digest(file: Path) -> str:
    try:
        return digest_of(file.read_bytes())
    except OSError:
        return ""
