"""Brings the price book of a region: page after page, each kept before the next is asked for, so that a kill loses none of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from inventory.whole import write_whole
from migration.errors import MigrationError
from migration.knowledge.model import RetailMeter
from migration.metering.retail import CURSOR, Page, page_of
from migration.price_book import API
from migration.price_folder import Ask, Record, alone, book_folder, digest_of, publish, resumed, write_record
from migration.retail_api import PATH, Asker

MOST_PAGES: Final = 1_000
"""Pages of one service in one region; a thousand rows each, which is more than Azure has meters."""


def services_of(meters: Iterable[RetailMeter]) -> tuple[str, ...]:
    """The services that have a meter with a name of ours: the only ones that are asked for."""
    return tuple(sorted({m.service for m in meters}))


def sync(root: Path, region: str, services: Iterable[str], ask: Asker, heard: Callable[[Record], None]) -> Record:
    """Bring the prices of these services in a region and make them the ones that count; `heard` hears of every page.

    A sync that broke off goes on where it stopped. Raises MigrationError when a page cannot be used, UnansweredError when none is to be
    had: then the book of before still counts.
    """
    folder = root / region
    questions = tuple(Ask(service=s, address=ask.first(region, s)) for s in services)
    begun = Record(region=region, source=f"{API}, {ask.host}{PATH}", book=1, started=ask.clock.now(), questions=questions, to_ask=questions)
    with alone(folder):
        try:
            record = resumed(folder, begun)
            while record.to_ask:
                record = _with_next(folder, record, ask)
                heard(record)
            if not record.rows:
                _begin_anew(folder, record)
                raise MigrationError(f"No service has a price in {region}. Look at the region's name, such as uksouth.")
            whole = record.model_copy(update={"finished": ask.clock.now()})
            publish(folder, whole)
        except OSError as wrong:
            place = wrong.filename or folder
            raise MigrationError(f"{place} cannot be written: {wrong.strerror}. Look at the disk, then run it again.") from wrong
    return whole


def _with_next(folder: Path, record: Record, ask: Asker) -> Record:
    """Ask for the next page and keep it: first the page, then the record that tells of it."""
    address = record.to_ask[0].address
    content = ask.page(address)
    page = page_of(content, f"The page {address}")
    if other := page.currencies - {"GBP"}:
        raise MigrationError(f"The page {address} has prices in {', '.join(sorted(other))}, where pounds were asked for. It is not kept.")
    if page.next_page:
        ask.check(page.next_page)
    if _repeats(record, content, page.next_page):
        _begin_anew(folder, record)
        raise MigrationError(
            f"The page {address} repeats one that came before, so that there is no end. Run it again later: it begins anew."
        )
    return keep(folder, record, content, page)


def keep(folder: Path, record: Record, content: bytes, page: Page) -> Record:
    """Keep a page of what is asked next, and then say so in the record: killed in between, the page is asked for again."""
    book = book_folder(folder, record)
    write_whole(book / record.next_file, content)
    after = record.with_page(content, page.rows, page.next_page)
    write_record(book / CURSOR, after)
    return after


def _begin_anew(folder: Path, record: Record) -> None:
    """Forget the pages that came: the next run asks for the first."""
    shutil.rmtree(book_folder(folder, record))


def _repeats(record: Record, content: bytes, next_page: str) -> bool:
    asked = record.to_ask[0]
    before = [p for p in record.pages if p.service == asked.service]
    is_known = next_page in {asked.address, *(p.asked for p in before)}
    return is_known or digest_of(content) in {p.sha256 for p in before} or len(before) >= MOST_PAGES
