"""Shared-service candidates: what another council of the estate has that could do the work of a workload. Reuse comes before buying.

A candidate is of another council, of the same product or the same category, and worth sharing: it is a service already, or the register
means to keep it. Nothing is decided by it: councils have to agree first.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory.model import Estate, Workload
from inventory.text import key
from migration.disposition import KEEP, category_of
from migration.knowledge.words import says
from migration.terms import Terms

SERVICE = ("saas", "software as a service", "hosted service", "supplier hosted", "hosted by supplier")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A workload of another council that could be shared, what the two have in common, and why it is worth sharing."""

    workload_id: str
    council: str
    alike: str
    worth: str

    @property
    def sentence(self) -> str:
        """The candidate as a sentence."""
        return f"{self.council} has {self.workload_id}, {self.alike}, which {self.worth}."


def candidates_for(workload: Workload, estate: Estate, terms: Terms) -> tuple[Candidate, ...]:
    """What other councils of the estate have for the same work, sorted by council and id; nothing where councils are not said."""
    if not workload.council.strip():
        return ()
    mine = key(workload.council)
    others = (w for w in estate.workloads if w.council.strip() and key(w.council) != mine)
    made = (_candidate(workload, w, terms) for w in others)
    return tuple(sorted((c for c in made if c), key=lambda c: (c.council, c.workload_id)))


def _candidate(workload: Workload, other: Workload, terms: Terms) -> Candidate | None:
    alike, worth = _alike(workload, other, terms), _worth(other)
    return Candidate(other.id, other.council, alike, worth) if alike and worth else None


def _alike(one: Workload, other: Workload, terms: Terms) -> str:
    if one.product.strip() and key(one.product) == key(other.product):
        return f"the same product ({one.product})"
    mine, theirs = category_of(one, terms), category_of(other, terms)
    return f"also {mine.id}" if mine and theirs and mine.id == theirs.id else ""


def _worth(other: Workload) -> str:
    if says(other.licence, SERVICE):
        return f"is a service already (its licence says {other.licence!r})"
    if says(other.intent, KEEP):
        return f"it means to keep (its intent says {other.intent!r})"
    return ""
