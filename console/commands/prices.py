"""`unless prices`: Azure's published prices, brought here, looked at, and how old they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from console.exits import Exit
from console.known_prices import known
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, progress, say, table
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from migration.knowledge import Knowledge
    from migration.model import Price
    from migration.price_shelf import Shelved

_BOOKS = ("region", "state", "age_days", "asked_on", "rows", "prices", "faults", "source")
_TERMS = ("sku", "region", "term", "month", "on", "source", "gives_up")
_MOST_TOLD = 40
RegionOption = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="REGION", help="An Azure region, such as ukwest; may be repeated. [assess] region when left out."),
]
FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE|FOLDER",
        help="Take pages that were brought by hand, or a folder that another machine synced, and ask no network.",
    ),
]
MirrorOption = Annotated[
    str,
    typer.Option("--mirror", metavar="URL", help="Ask this address, which serves the same path, instead of prices.azure.com. HTTPS only."),
]
OnOption = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="The day on which prices are looked at; the settings' or today's."),
]


def register(app: typer.Typer) -> None:
    """Add `prices sync`, `prices status` and `prices show`."""
    group = typer.Typer(no_args_is_help=True, help="Azure's published prices: bring them, look at them, see how old they are.")
    group.command("sync")(sync)
    group.command("status")(status)
    group.command("show")(show)
    app.add_typer(group, name="prices")


def sync(
    regions: RegionOption = None,
    brought: FromOption = None,
    mirror: MirrorOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Bring Azure's published prices, in pounds, of a region or several.

    Asks the Azure Retail Prices API for the services that have a price here (migration/knowledge/retail-meters.toml), on
    every term, and keeps each page as it came. What broke off goes on where it stopped when it is run again within a day;
    until a sync is whole, the prices of before count. Exit code 0 when all are here; 1 when a page or a price cannot be
    used; 2 when the options do not fit; 3 when nobody answers.
    """
    held = open_workspace(workspace)
    wanted = tuple(dict.fromkeys(regions or [held.settings.assess.region]))
    if wrong := _wrong_usage(wanted, brought, mirror):
        fail(wrong, Exit.USAGE)
    faults, unanswered = _synced(held, wanted, brought, mirror)
    books = [b for b in _shelf(held, held.on) if b.region in wanted]
    _show(books, held.on, as_json=as_json)
    faults += [f for b in books for f in b.book.faults]
    if faults or unanswered:
        fail([*_first(faults), *unanswered], Exit.FOUND if faults else Exit.CANNOT_TELL)


def status(on: OnOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """List the regions whose prices were brought: how old, how many, whence.

    Exit code 0 when all are fresh; 1 when some are older than a month or cannot be used; 3 when none were brought.
    """
    held = open_workspace(workspace)
    day = on.date() if on else held.on
    books = _shelf(held, day)
    _show(books, day, as_json=as_json)
    if not books:
        fail([f"No prices were brought to {held.synced_prices}. Run: unless prices sync"], Exit.CANNOT_TELL)
    stale = [f"The prices of {b.region} are old. Run: unless prices sync --region {b.region}" for b in books if b.is_stale(day)]
    if faults := [*stale, *_first([f for b in books for f in b.book.faults])]:
        fail(faults)


def show(
    sku: Annotated[str, typer.Argument(metavar="SKU", help="A name of a price, such as Standard_D4s_v5 or premium-ssd-p10.")],
    regions: RegionOption = None,
    on: OnOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Show what one thing costs in a month: on every term, in every region, of which day and whence.

    These are the prices that unless assess reckons with. Exit code 1 when there is no price of that name.
    """
    held = open_workspace(workspace)
    knowledge, faults = known(held, on.date() if on else held.on)
    named = _prices(knowledge, sku)
    prices = [p for p in named if not regions or p.region in (*regions, "global")]
    if not prices:
        others = f" There are prices of {', '.join(sorted({p.region for p in named}))}." if named else _nearest(knowledge, sku)
        fail([f"No price is called {sku}{_in(regions)}.{others} Bring newer ones: unless prices sync", *_about(sku, faults)])
    table([_row(p) for p in prices], _TERMS, as_json=as_json)
    for fault in _about(sku, faults):
        note(fault)


def _synced(held: Workspace, regions: Sequence[str], brought: Path | None, mirror: str) -> tuple[list[str], list[str]]:
    """One region that cannot be had does not keep the others from coming: every fault, and whoever did not answer."""
    from migration.errors import MigrationError, UnansweredError

    faults, unanswered = list[str](), list[str]()
    bring = _from_files(held, brought) if brought else _from_azure(held, mirror)
    for region in regions:
        try:
            bring(region)
        except UnansweredError as wrong:
            unanswered += wrong.faults
        except MigrationError as wrong:
            faults += wrong.faults
    return faults, unanswered


def _from_azure(held: Workspace, mirror: str) -> Callable[[str], None]:
    from migration.knowledge import load_knowledge
    from migration.price_sync import services_of
    from migration.price_sync import sync as bring
    from migration.retail_api import HOST, asker

    services = services_of(load_knowledge().retail_meters)

    def one(region: str) -> None:
        with asker(mirror or HOST) as ask, progress(f"Prices of {region}", len(services)) as bar:
            bring(held.synced_prices, region, services, ask, lambda r: bar.update(bar.task_ids[0], completed=len(services) - len(r.to_ask)))

    return one


def _from_files(held: Workspace, path: Path) -> Callable[[str], None]:
    from migration.price_files import bring, read_brought

    now = datetime.now(UTC)
    brought = read_brought(path, now)

    def one(region: str) -> None:
        bring(held.synced_prices, region, brought, now)

    return one


def _shelf(held: Workspace, on: date) -> tuple[Shelved, ...]:
    from migration.knowledge import load_knowledge
    from migration.price_shelf import shelf

    return shelf(held.synced_prices, load_knowledge().retail_meters, on)


def _show(books: Sequence[Shelved], on: date, *, as_json: bool) -> None:
    rows = [
        {
            "region": b.region,
            "state": "cannot be used" if b.record is None else "old" if b.is_stale(on) else "fresh",
            "age_days": b.age_days(on),
            "asked_on": b.record.started.date() if b.record else None,
            "finished": b.record.finished if b.record else None,
            "currency": b.record.currency if b.record else None,
            "rows": b.record.rows if b.record else None,
            "prices": len(b.book.prices),
            "faults": list(b.book.faults) if as_json else len(b.book.faults),
            "source": b.record.source if b.record else None,
        }
        for b in books
    ]
    if books or as_json:
        table(rows, _BOOKS, as_json=as_json)
    if books and not as_json:
        say("Prices go before those kept here: unless assess. One of them: unless prices show SKU")


def _prices(knowledge: Knowledge, sku: str) -> list[Price]:
    """Every price of a name, in any case of its letters: by name, region, then term in the order of `GIVES_UP`."""
    from migration.purchase import GIVES_UP

    wanted, order = sku.casefold(), list(GIVES_UP)
    held = (*knowledge.prices.values(), *(p for terms in knowledge.other_terms.values() for p in terms))
    return sorted((p for p in held if p.sku.casefold() == wanted), key=lambda p: (p.sku, p.region, order.index(p.term)))


def _row(price: Price) -> dict[str, object]:
    from migration.purchase import GIVES_UP

    return {
        "sku": price.sku,
        "region": price.region,
        "term": price.term,
        "month": f"£{Decimal(price.exact_pence or price.monthly_pence) / 100:,.4f}",
        "monthly_pence": price.monthly_pence,
        "exact_pence": price.exact_pence or str(price.monthly_pence),
        "currency": "GBP",
        "on": price.on,
        "source": price.source,
        "gives_up": GIVES_UP[price.term],
    }


def _about(sku: str, faults: Sequence[str]) -> list[str]:
    return [f for f in faults if sku.casefold() in f.casefold()]


def _nearest(knowledge: Knowledge, sku: str) -> str:
    names = {n.casefold(): n for n, _ in (*knowledge.prices, *knowledge.other_terms)}
    near = get_close_matches(sku.casefold(), names, n=3)
    return f" Nearest: {', '.join(names[n] for n in near)}." if near else ""


def _in(regions: Sequence[str] | None) -> str:
    return f" in {', '.join(regions)}" if regions else ""


def _first(faults: Sequence[str]) -> list[str]:
    more = len(faults) - _MOST_TOLD
    return [*faults[:_MOST_TOLD], *([f"{more:,} more faults; all of them: unless prices status --json"] if more > 0 else [])]


def _wrong_usage(regions: Sequence[str], brought: Path | None, mirror: str) -> list[str]:
    """What is wrong with the options, all at once."""
    wrong = [
        f"--region {r}: a region is small letters and digits, such as uksouth."
        for r in regions
        if not re.fullmatch(r"[a-z][a-z0-9]{1,39}", r)
    ]
    if brought and mirror:
        wrong.append("--from asks no network and --mirror says whom to ask: give one of them.")
    if mirror and not _is_https(mirror):
        wrong.append(f"--mirror {mirror}: it must begin with https:// and name a server, and nothing after it.")
    return wrong


def _is_https(address: str) -> bool:
    try:
        told = urlsplit(address)
        return told.scheme == "https" and bool(told.hostname) and told.path in ("", "/") and not (told.query or told.username)
    except ValueError:
        return False
