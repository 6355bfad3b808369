"""What Azure refuses when a change is applied, judged against what the pretend cloud holds; the facts are in azure_rules.toml.

A refusal is a sentence, as its own code says it and with what to do; nothing refused is the empty string.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from rehearsal import azure, diff, urns
from rehearsal.cloud import Cloud, Held
from rehearsal.values import bare

_FEW = 5
_ROLES = "/providers/microsoft.authorization/roledefinitions/"


@cache
def facts() -> dict[str, Any]:
    """The table, read once, with the names of groups of types replaced by the types."""
    table = tomllib.loads(Path(__file__).with_name("azure_rules.toml").read_text("utf-8"))
    for rule in table["in_use"]:
        rule["by"] = [t for name in rule.get("by", ()) for t in (table["groups"][name[1:]] if name.startswith("@") else [name])]
    return table


def arm_type(identity: str) -> str:
    """`Microsoft.Network/virtualNetworks/subnets` of an id; the id's own package is not asked. Empty when it is no ARM id."""
    if "/providers/" in identity:
        return azure.arm_type(identity)
    return "Microsoft.Resources/resourceGroups" if identity.lower().startswith("/subscriptions/") and identity.count("/") == 4 else ""


class References:
    """Which resources name an id in their properties. Read once from a cloud, and told of each change."""

    def __init__(self, cloud: Cloud) -> None:
        """Read every property."""
        self._named: dict[str, set[str]] = {}
        self._by: dict[str, set[str]] = {}
        for held in cloud.held.values():
            self.put(held)

    def put(self, held: Held) -> None:
        """A resource is new, or its properties are."""
        self.remove(held.id)
        ids = {p for t in _strings(bare(dict(held.properties))) if t.startswith("/") for p in _with_parents(_canonical(t))}
        self._by[held.id.lower()] = ids
        for identity in ids:
            self._named.setdefault(identity, set()).add(held.id.lower())

    def remove(self, identity: str) -> None:
        """A resource is gone."""
        for named in self._by.pop(identity.lower(), ()):
            self._named[named].discard(identity.lower())

    def to(self, identity: str) -> set[str]:
        """Ids (in small letters) of what names the id, or what lies below it, from elsewhere."""
        own = identity.lower()
        return {f for f in self._named.get(_canonical(identity), ()) if f != own and not f.startswith(f"{own}/")}


def _with_parents(identity: str) -> Iterator[str]:
    """The id and every id above it."""
    yield identity
    if not identity.startswith(_ROLES):
        cut = identity.rfind("/")
        while cut > 0:
            yield identity[:cut]
            cut = identity.rfind("/", 0, cut)


def _canonical(identity: str) -> str:
    """Small letters; a role is the same from every scope."""
    low = identity.lower().rstrip("/")
    return _ROLES + low.rsplit("/", 1)[-1] if _ROLES in low else low


def _strings(value: Any) -> Iterator[str]:
    """Every text in a value, keys of objects included: Azure has maps by id."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in cast("Iterable[Any]", value):
            yield from _strings(inner)


def refused_creation(cloud: Cloud, new: Held, now: str) -> str:
    """Why the resource cannot be created."""
    if held := cloud.get(new.id):
        owner = f"of the stack {held.by}" if held.by and not held.kept else "that no stack holds"
        return (
            f"{new.id} exists already in the pretend Azure, a resource {owner}. "
            "Azure's provider would say: cannot create already existing resource. Import it (pulumi import, or import_ among its options), "
            "or give the new one another name; to begin with an empty Azure, remove azure.jsonl from the workspace's rehearsal folder."
        )
    return _kept_name(cloud, new, now) or _duplicate(cloud, new)


def moved_away(cloud: Cloud, new: Held) -> tuple[Held, ...]:
    """What the cloud had in another place, and now has where `new` is."""
    kind, name = arm_type(new.id), new.id.lower().rsplit("/", 1)[-1]
    if all(r["type"].lower() != kind.lower() for r in facts()["in_one_place"]):
        return ()
    others = (h for i, h in cloud.held.items() if i != new.id.lower() and i.rsplit("/", 1)[-1] == name)
    return tuple(h for h in others if arm_type(h.id).lower() == kind.lower())


def _kept_name(cloud: Cloud, new: Held, now: str) -> str:
    kind = arm_type(new.id)
    for rule in (r for r in facts()["soft_deleted"] if r["type"].lower() == kind.lower()):
        name = new.id.rsplit("/", 1)[-1].lower()
        if _at(new.properties, rule["recover"]) == rule["recover_value"]:
            return ""
        for gone in cloud.deleted.values():
            if arm_type(gone.id) == kind and gone.id.rsplit("/", 1)[-1].lower() == name and (until := _kept_until(gone, rule)) > now:
                return (
                    f"{new.id} was deleted and Azure keeps its name until {until[:10]}. Recover it "
                    f"({rule['recover']}: {rule['recover_value']}), or give the new one another name; in the pretend Azure, the line "
                    f'{{"id": "{gone.id}", "purged": true}} at the end of azure.jsonl purges it.'
                )
    return ""


def _kept_until(gone: Held, rule: Mapping[str, Any]) -> str:
    days = _at(gone.properties, rule["days"])
    kept = timedelta(days=days if isinstance(days, int) else rule["default_days"])
    try:
        return (datetime.fromisoformat(gone.at) + kept).isoformat()
    except ValueError:  # somebody deleted it with an editor and did not say when
        return "9999-12-31"


def _duplicate(cloud: Cloud, new: Held) -> str:
    kind = arm_type(new.id)
    for rule in (r for r in facts()["unique"] if r["type"].lower() == kind.lower()):
        wanted = _key(new, rule["key"])
        twin = next((h for h in cloud.held.values() if arm_type(h.id) == kind and _key(h, rule["key"]) == wanted), None)
        if twin:
            return (
                f"{new.id} would be the same as {twin.id}{_by(twin)} in {', '.join(rule['key'])} "
                f"({rule['code']}). Azure allows one: take one of the two away, or import the other."
            )
    return ""


def _key(held: Held, names: Iterable[str]) -> tuple[str, ...]:
    scope = held.id.lower().rsplit("/providers/", 1)[0]
    return tuple(scope if n == "scope" else _canonical(str(bare(held.properties.get(n)))) for n in names)


def refused_deletion(cloud: Cloud, references: References, identity: str, is_ours: Callable[[Held], bool]) -> str:
    """Why the resource cannot be deleted. `is_ours` tells what the run may take away."""
    kind = arm_type(identity).lower()
    below = cloud.below(identity)
    for rule in (r for r in facts()["in_use"] if r["type"].lower() == kind):
        by = {t.lower() for t in rule["by"]}
        using = [cloud.held[i] for i in sorted(references.to(identity)) if arm_type(cloud.held[i].id).lower() in by] if by else []
        using += [h for h in below if arm_type(h.id) in rule.get("nested", ())]
        if using:
            code = f" ({rule['code']})" if "code" in rule else ""
            return f"Azure refuses to delete {identity} while it is in use{code} by {_listed(using)}. Take {_them(using)} away first."
    if others := [h for h in below if not is_ours(h)]:
        them = _them(others)
        told = f"Azure would delete with {identity} what lies below it and is not this stack's"
        return f"{told}: {_listed(others)}. Move or remove {them} first."
    return ""


def still_named(cloud: Cloud, references: References, identity: str, is_ours: Callable[[Held], bool]) -> str:
    """A warning of others' resources that name one which goes."""
    others = [cloud.held[i] for i in sorted(references.to(identity)) if not is_ours(cloud.held[i])]
    return f"{identity} goes, and is still named by {_listed(others)}." if others else ""


def _listed(found: Iterable[Held]) -> str:
    told = [f"{h.id}{_by(h)}" for h in found]
    return ", ".join(told[:_FEW]) + (f" and {len(told) - _FEW} more" if len(told) > _FEW else "")


def _by(held: Held) -> str:
    return f" ({'kept by ' if held.kept else ''}stack {held.by})" if held.by else ""


def _them(found: list[Held]) -> str:
    return "it" if len(found) == 1 else "them"


def _at(properties: Mapping[str, Any], path: str) -> Any:
    value: Any = bare(dict(properties))
    for part in diff.parsed(path):
        value = cast("Mapping[str, Any]", value).get(str(part)) if isinstance(value, Mapping) else None
    return value


def told(urn: str) -> str:
    """A resource for the beginning of a sentence."""
    return f"{urns.type_of(urn)} {urns.name_of(urn)}"
