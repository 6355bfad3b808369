"""What kind of use a server has, from its measured months, before any size is chosen.

Each month counts that `migration.sizing.believable` believes, and of several the busiest. The limits are in `knowledge/use.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inventory.model import Estate, Server, Utilisation
from migration.sizing import believable
from migration.terms import Terms


class UseClass(StrEnum):
    """How a server is used.

    No data: its CPU was not measured, or not believably. Zombie: it does nothing and nobody talks to it. Idle: it does nothing,
    and somebody talks to it, or nobody knows. Bursty and steady: by how far its peaks are above its median; in use where either
    was not measured.
    """

    NO_DATA = "no data"
    ZOMBIE = "zombie"
    IDLE = "idle"
    BURSTY = "bursty"
    STEADY = "steady"
    IN_USE = "in use"


@dataclass(frozen=True, slots=True)
class Use:
    """The class, and the figures that decided it, a sentence."""

    kind: UseClass
    because: str


def use_of(server: Server, estate: Estate, terms: Terms) -> Use:
    """The use of a server."""
    held = believable(estate.utilisations_by_server.get(server.id, ()), terms)
    busy = _most(held, "cpu_p95_percent")
    if busy is None:
        return Use(UseClass.NO_DATA, "its use of CPU was not measured, or too little or too long ago to be believed")
    rules = terms.knowledge.use
    if busy < rules.idle_cpu_percent:
        return _idle(busy, _most(held, "network_p95_mbps"), terms)
    # Of the busiest month, since peaks of one month say nothing of another's median.
    month = max(held, key=lambda u: (u.cpu_p95_percent or 0, u.month))
    if month.cpu_p50_percent is None or month.cpu_p99_percent is None:
        return Use(UseClass.IN_USE, f"it uses up to {busy:g} % of its CPU at p95; its median or its p99 was not measured")
    figures = f"its p99 of CPU is {month.cpu_p99_percent:g} % and its median {month.cpu_p50_percent:g} %"
    is_bursty = month.cpu_p99_percent >= rules.bursty_times * month.cpu_p50_percent
    return Use(UseClass.BURSTY if is_bursty else UseClass.STEADY, figures)


def _idle(busy: float, traffic: float | None, terms: Terms) -> Use:
    rules = terms.knowledge.use
    figures = f"it uses {busy:g} % of its CPU at p95, under {rules.idle_cpu_percent:g} %"
    if traffic is None:
        return Use(UseClass.IDLE, f"{figures}; its traffic was not measured")
    kind = UseClass.ZOMBIE if traffic < rules.silent_network_mbps else UseClass.IDLE
    return Use(kind, f"{figures}, and has {traffic:g} Mbit/s of traffic at p95")


def _most(held: Sequence[Utilisation], field: str) -> float | None:
    return max((v for u in held if (v := getattr(u, field)) is not None), default=None)
