"""The monthly cost of a workload: the sum of its targets' prices, or nothing at all where one is missing."""

from __future__ import annotations

from collections.abc import Iterable

from migration.model import COSTS_NOTHING, Target


def monthly(targets: Iterable[Target]) -> tuple[int | None, tuple[str, ...]]:
    """Whole pence a month, and what has no price, each named as `subject: kind sku`; None when anything has none."""
    held = [t for t in targets if t.kind not in COSTS_NOTHING]
    unpriced = tuple(" ".join(f"{t.subject}: {t.kind} {t.sku}".split()) for t in held if t.price is None)
    return (None if unpriced else priced(held)), unpriced


def priced(targets: Iterable[Target]) -> int:
    """Whole pence a month of the targets that have a price: part of the cost, never all of it unless nothing is unpriced."""
    return sum(t.price.monthly_pence for t in targets if t.price)
