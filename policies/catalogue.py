"""All controls, each with the clauses that point at it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from policies.azure_policy.controls import CONTROLS as BY_POLICIES
from policies.controls import CONTROLS
from policies.frameworks import clauses_by_control, frameworks
from policies.model import Control
from policies.schema.controls import CONTROLS as BY_TYPES


@cache
def known_controls() -> tuple[Control, ...]:
    """Every control and those that judge by Azure's types and policies where these are at hand, sorted by id. Raises as `all_controls`."""
    return tuple(sorted((*all_controls(), *BY_TYPES, *BY_POLICIES), key=lambda c: c.id))


@cache
def all_controls() -> tuple[Control, ...]:
    """Every control, sorted by id, with its clauses. Raises PoliciesError when a framework names a control that is not there."""
    clauses = clauses_by_control(frameworks(), (c.id for c in CONTROLS))
    return tuple(sorted((replace(c, clauses=clauses[c.id]) for c in CONTROLS), key=lambda c: c.id))
