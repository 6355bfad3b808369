"""How assessors say things: findings with evidence that a person can look up."""

from __future__ import annotations

from inventory.model import Sources
from migration.model import Effect

EFFECT_OF = {"blocks": Effect.BLOCKS, "condition": Effect.CONDITION, "none": Effect.NONE}
"""The effects as the knowledge files write them."""


def from_source(sources: Sources, field: str) -> tuple[str, ...]:
    """Where a field was read, as one line of evidence; nothing when nobody knows."""
    source = sources.get(field)
    return (f"{field.replace('_', ' ')}: {source}",) if source else ()


def known(fact: str, source: str, on: object) -> str:
    """A fact of the knowledge files as a line of evidence, with its source and date."""
    return f"{fact} (source: {source}, {on})" if on else f"{fact} (source: {source})"
