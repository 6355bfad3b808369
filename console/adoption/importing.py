"""The file for `pulumi import --file`. Source of its form: pulumi.com/docs, CLI, `pulumi import`, and automation ImportResource."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from console.adoption.model import Adoption, Planned


def import_file(held: Adoption, planned: Sequence[Planned]) -> tuple[dict[str, Any], tuple[Planned, ...], tuple[str, ...]]:
    """The file, adopted resources that must wait because what they stand under is not there yet, and what must be made before.

    The last are URNs of components and providers, parents first: they are nothing in Azure, and the file's nameTable leads to them.
    """
    by_urn = {p.urn: p for p in planned}
    adopted = {p.urn for p, _ in held.pairs}
    waiting = tuple(p for p, _ in held.pairs if not _can_stand(p, by_urn, adopted))
    now = sorted((p for p, _ in held.pairs if p not in waiting), key=lambda p: len(_above(p, by_urn)))
    providers = dict.fromkeys(_provider(p) for p in now if p.provider)
    above = (urn for p in (*now, *(by_urn[u] for u in providers if u in by_urn)) for urn in reversed(_above(p, by_urn)))
    components = dict.fromkeys(urn for urn in above if not by_urn[urn].id)
    names = _names([by_urn[urn] for urn in (*components, *providers) if urn in by_urn] + now)
    first = tuple(urn for urn in (*components, *providers) if urn in names)
    return {"nameTable": {names[urn]: urn for urn in first}, "resources": [_resource(p, names) for p in now]}, waiting, first


def _provider(planned: Planned) -> str:
    """Its provider's URN: a state writes the provider's id after it."""
    return planned.provider.rpartition("::")[0]


def _above(planned: Planned, by_urn: dict[str, Planned]) -> list[str]:
    """URNs of its parents, the nearest first."""
    found: list[str] = []
    at = by_urn.get(planned.parent)
    while at is not None and at.type != "pulumi:pulumi:Stack":
        found.append(at.urn)
        at = by_urn.get(at.parent)
    return found


def _can_stand(planned: Planned, by_urn: dict[str, Planned], adopted: set[str]) -> bool:
    """Whether everything above it is a component, which can be made first, or is adopted itself."""
    return all(not by_urn[urn].id or urn in adopted for urn in _above(planned, by_urn))


def _names(wanted: Sequence[Planned]) -> dict[str, str]:
    """A name in the file for each: its own, and a number after it where two types share one in the program."""
    found: dict[str, str] = {}
    for planned in wanted:
        taken = set(found.values())
        more = (f"{planned.name}-{n}" for n in count(2))
        found[planned.urn] = planned.name if planned.name not in taken else next(n for n in more if n not in taken)
    return found


def _resource(planned: Planned, names: dict[str, str]) -> dict[str, Any]:
    held = {"type": planned.type, "name": names[planned.urn]}
    if held["name"] != planned.name:
        held["logicalName"] = planned.name
    held["id"] = planned.id
    references = {"parent": planned.parent, "provider": _provider(planned)}
    return {**held, **{key: names[urn] for key, urn in references.items() if urn in names}}
