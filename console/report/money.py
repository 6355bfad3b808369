"""What the estate costs now, and what its targets would cost: only published prices, and what has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from console.report.charts import Bar, bars
from console.report.inputs import Inputs, TargetRow
from console.report.words import humanised
from inventory.model import CostLine
from migration.model import COSTS_NOTHING

EVERYWHERE = "global"


@dataclass(frozen=True, slots=True)
class Category:
    """Cost lines of one category, in pence: revenue a year, capital once."""

    name: str
    revenue_pence: int
    capital_pence: int


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Prices from one source for one region on one day; `is_elsewhere` where they hold neither there nor everywhere."""

    source: str
    region: str
    on: date
    targets: int
    monthly_pence: int
    is_elsewhere: bool


@dataclass(frozen=True)
class Now:
    """Cost lines by category and their sums; the charts are in whole pounds."""

    categories: tuple[Category, ...]
    revenue_pence: int
    capital_pence: int
    revenue_chart: tuple[Bar, ...]
    capital_chart: tuple[Bar, ...]


@dataclass(frozen=True)
class After:
    """What published prices say of the targets. Workloads: fully priced, partly, not at all, and without a target."""

    region: str
    monthly_pence: int
    priced_targets: int
    unpriced_targets: int
    full: int
    partial: int
    unpriced: int
    without_targets: int
    sources: tuple[PriceSource, ...]
    missing: tuple[tuple[str, int], ...]
    chart: tuple[Bar, ...]


def now(inputs: Inputs) -> Now | None:
    """The costs sheet by category, or None where nobody has imported one."""
    lines = inputs.estate.cost_lines if inputs.estate else ()
    if not lines:
        return None
    names = sorted({c.category or "Not stated" for c in lines})
    held = [Category(n, _sum(lines, "revenue", n), _sum(lines, "capital", n)) for n in names]
    held.sort(key=lambda c: (-c.revenue_pence, -c.capital_pence, c.name))
    return Now(
        categories=tuple(held),
        revenue_pence=sum(c.revenue_pence for c in held),
        capital_pence=sum(c.capital_pence for c in held),
        revenue_chart=_pounds_chart([(c.name, c.revenue_pence, "") for c in held], "plain"),
        capital_chart=_pounds_chart([(c.name, c.capital_pence, "") for c in held], "dark"),
    )


def _pounds_chart(rows: Iterable[tuple[str, int, str]], style: str) -> tuple[Bar, ...]:
    """Bars in whole pounds, largest first, of what is not nothing."""
    held = sorted(((n, p, note) for n, p, note in rows if p), key=lambda r: (-r[1], r[0]))
    return bars([(name, {"pounds": round(pence / 100)}, note) for name, pence, note in held], {"pounds": style})


def _sum(lines: Iterable[CostLine], kind: str, category: str) -> int:
    return sum(c.amount_pence for c in lines if c.kind == kind and (c.category or "Not stated") == category)


def after(inputs: Inputs) -> After | None:
    """The sum of the published prices and what has none, or None before there is an assessment."""
    if inputs.assessments is None:
        return None
    rows, region = inputs.assessments.assessments, inputs.assessments.region
    targets = [t for a in rows for t in a.targets if t.kind not in COSTS_NOTHING]
    prices = [t.price for t in targets if t.price]
    missing = Counter(t.kind for t in targets if not t.price)
    states = [[bool(t.price) for t in a.targets if t.kind not in COSTS_NOTHING] for a in rows]
    by_source: dict[tuple[str, str, date], list[int]] = {}
    for p in prices:
        by_source.setdefault((p.source, p.region, p.on), []).append(p.monthly_pence)
    return After(
        region=region,
        monthly_pence=sum(p.monthly_pence for p in prices),
        priced_targets=len(prices),
        unpriced_targets=len(targets) - len(prices),
        full=sum(1 for s in states if s and all(s)),
        partial=sum(1 for s in states if any(s) and not all(s)),
        unpriced=sum(1 for s in states if s and not any(s)),
        without_targets=sum(1 for s in states if not s),
        sources=tuple(PriceSource(s, r, d, len(v), sum(v), r not in (region, EVERYWHERE)) for (s, r, d), v in sorted(by_source.items())),
        missing=tuple(sorted(missing.items(), key=lambda m: (-m[1], m[0]))),
        chart=_by_kind(targets, missing),
    )


def _by_kind(targets: Iterable[TargetRow], missing: Mapping[str, int]) -> tuple[Bar, ...]:
    yearly: dict[str, int] = {}
    for t in targets:
        yearly[t.kind] = yearly.get(t.kind, 0) + (t.price.monthly_pence * 12 if t.price else 0)
    return _pounds_chart(
        [(humanised(k), pence, f", and {missing[k]:,} without a price" if k in missing else "") for k, pence in yearly.items()], "plain"
    )
