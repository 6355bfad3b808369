"""What is known, with a council's own prices before those kept here: its synced price books, and before those the pages that it names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from console.output import note

if TYPE_CHECKING:
    from console.workspace import Workspace
    from migration.knowledge import Knowledge


def known(held: Workspace, on: date) -> tuple[Knowledge, tuple[str, ...]]:
    """Knowledge as on a day, and what is wrong with a price, a sentence each: such a price is left out."""
    from migration.knowledge import load_knowledge
    from migration.metering.retail import read_terms
    from migration.price_book import book_of, overlaid
    from migration.price_shelf import shelf

    knowledge, faults = load_knowledge(), list[str]()
    for synced in shelf(held.synced_prices, knowledge.retail_meters, on):
        faults += synced.book.faults
        if synced.is_stale(on):
            note(f"The prices of {synced.region} are {synced.age_days(on)} days old. Run: unless prices sync --region {synced.region}")
        knowledge = overlaid(knowledge, synced.book.prices)
    if held.price_pages is not None:
        sheet = read_terms(held.price_pages)
        book = book_of(sheet.rows, knowledge.retail_meters, on)
        faults += (*sheet.faults, *book.faults)
        note(f"{len(book.prices):,} prices of {held.price_pages} go before those kept here.")
        knowledge = overlaid(knowledge, book.prices)
    return knowledge, tuple(faults)
