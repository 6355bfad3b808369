"""Which workloads of an estate do the same: by the business function that the register gives them, else by their category.

An estate is looked through once, whoever asks how often: of thousands of applications each would else be held against every other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from inventory.model import Environment, Estate, Workload
from inventory.text import key
from migration.disposition import RETIRE, category_of
from migration.knowledge.words import says
from migration.terms import Terms


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """An estate and the terms; the same objects are equal, and nothing of what they hold is looked at."""

    estate: Estate
    terms: Terms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.estate is other.estate and self.terms.knowledge is other.terms.knowledge

    def __hash__(self) -> int:
        return hash((id(self.estate), id(self.terms.knowledge)))


def others_alike(workload: Workload, estate: Estate, terms: Terms) -> tuple[str, tuple[str, ...]]:
    """What the workload does, in the register's words or as a category, and the ids of others of its council that do it too.

    Tests and developments of an application are not counted, nor what the register means to retire.
    """
    what = _work(workload, terms)
    same = _by_work(_Asked(estate, terms)).get(_place(workload, what), ())
    return what, tuple(i for i in same if i != workload.id)


@lru_cache(maxsize=2)
def _by_work(asked: _Asked) -> Mapping[tuple[str, str], tuple[str, ...]]:
    held: dict[tuple[str, str], list[str]] = {}
    for w in sorted(asked.estate.workloads, key=lambda w: w.id):
        if what := _work(w, asked.terms):
            held.setdefault(_place(w, what), []).append(w.id)
    return {place: tuple(ids) for place, ids in held.items()}


def _place(workload: Workload, what: str) -> tuple[str, str]:
    return key(workload.council), key(what)


def _work(workload: Workload, terms: Terms) -> str:
    if workload.environment in (Environment.TEST, Environment.DEVELOPMENT) or says(workload.intent, RETIRE):
        return ""
    if workload.function.strip():
        return workload.function.strip()
    category = category_of(workload, terms) if workload.is_registered else None
    return category.id if category else ""
