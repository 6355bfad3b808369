"""Which workloads of an estate do the same: by the business function that the register gives them, by their product, or by their names.

A whole category of applications is too wide for it: allotments and street lighting are both of the street scene.

An estate is looked through once, whoever asks how often: of thousands of applications each would else be held against every other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from inventory.model import Environment, Estate, Workload
from inventory.text import key
from migration.disposition import RETIRE
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


@dataclass(frozen=True, slots=True)
class Alike:
    """By what workloads are alike (`business function`, `product` or `name`), in which words, and the ids of the others."""

    by: str = ""
    what: str = ""
    others: tuple[str, ...] = ()


def others_alike(workload: Workload, estate: Estate, terms: Terms) -> Alike:
    """Who else of its council does the same: by the first thing that it shares with anybody, else by what it does alone.

    Tests and developments of an application are not counted, nor what the register means to retire or does not have. Nothing is said where
    nobody can tell what it does.
    """
    index = _by_work(_Asked(estate, terms))
    made = [
        Alike(by, what, tuple(i for i in index.get(_place(workload, by, what), ()) if i != workload.id))
        for by, what in _work(workload, terms)
    ]
    return next((a for a in made if a.others), made[0] if made else Alike())


@lru_cache(maxsize=2)
def _by_work(asked: _Asked) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    held: dict[tuple[str, str, str], list[str]] = {}
    for w in sorted(asked.estate.workloads, key=lambda w: w.id):
        for by, what in _work(w, asked.terms):
            held.setdefault(_place(w, by, what), []).append(w.id)
    return {place: tuple(ids) for place, ids in held.items()}


def _place(workload: Workload, by: str, what: str) -> tuple[str, str, str]:
    return key(workload.council), by, key(what)


def _work(workload: Workload, terms: Terms) -> list[tuple[str, str]]:
    """What it does: its function, its product, and the word of its name that puts it into a category of `saas.toml`."""
    if workload.environment in (Environment.TEST, Environment.DEVELOPMENT) or not workload.is_registered or says(workload.intent, RETIRE):
        return []
    word = next((found for c in terms.knowledge.categories if (found := says(workload.name, c.words))), "")
    said = (("business function", workload.function.strip()), ("product", workload.product.strip()), ("name", word))
    return [(by, what) for by, what in said if what]
