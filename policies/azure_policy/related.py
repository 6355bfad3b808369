"""What AuditIfNotExists and DeployIfNotExists look for: a resource related to the one under judgement.

Source: concepts/effect-deploy-if-not-exists.md (see the package), "DeployIfNotExists properties".
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from policies.azure_policy.arm_form import Resource
from policies.azure_policy.decide import Fields, Setting, decide, work_out
from policies.azure_policy.expressions import read
from policies.azure_policy.rules import Rule, read_rule
from policies.model import UnknownValueError

_PROVIDERS: Final = "/providers/"
_IN_GROUP: Final = 5
FieldsOf = Callable[[Resource], Fields]
ByType = Mapping[str, Sequence[Resource]]


@cache
def declared() -> frozenset[str]:
    """Types, in small letters, of which nothing exists unless somebody declares it (`related.toml`)."""
    held = tomllib.loads(files(__package__ or "policies.azure_policy").joinpath("related.toml").read_text("utf-8"))
    return frozenset(t.casefold() for t in held["declared"])


def is_missing(resource: Resource, details: Mapping[str, Any], at: Setting, by_type: ByType, fields_of: FieldsOf, *, is_all: bool) -> bool:
    """Whether no planned resource is the one looked for. Raises UnknownValueError where one may be there already.

    `is_all` says that the planned resources are all that there are.
    """
    wanted = str(work_out(read(details.get("type", "")), at))
    name = details.get("name")
    called = None if name is None else str(work_out(read(name), at))
    condition = read_rule(details["existencecondition"]) if "existencecondition" in details else None
    unknown: UnknownValueError | None = None
    for other in by_type.get(wanted.casefold(), ()):
        try:
            if (
                _is_related(resource, other, wanted, details, at)
                and _is_called(other, called)
                and _satisfies(other, condition, at, fields_of)
            ):
                return False
        except UnknownValueError as wrong:
            unknown = unknown or wrong
    if unknown is not None:
        raise unknown
    if not is_all:
        raise UnknownValueError("", f"a {wanted} may be there already, outside what was read")
    if wanted.casefold() not in declared():
        raise UnknownValueError("", f"Azure or another policy may make the {wanted} that it looks for")
    return True


def _is_related(resource: Resource, other: Resource, wanted: str, details: Mapping[str, Any], at: Setting) -> bool:
    if not other.scope:
        raise UnknownValueError("", f"it is not known yet where {other.subject.name} will be")
    if wanted.casefold().startswith(f"{resource.type}/".casefold()):
        return other.scope.startswith(f"{resource.scope}/")
    if wanted.casefold() == resource.type.casefold():
        return other.subscription == resource.subscription
    host = other.scope.rpartition(_PROVIDERS)[0]
    if host.count("/") >= _IN_GROUP:
        # It extends another resource, which must be this one.
        return host == resource.scope
    if str(details.get("existencescope", "")).casefold() == "subscription" or not resource.group:
        return other.subscription == resource.subscription
    group = details.get("resourcegroupname")
    if group is None:
        return other.group == resource.group
    return other.group.rpartition("/")[2] == str(work_out(read(group), at)).casefold()


def _is_called(other: Resource, called: str | None) -> bool:
    """Whether it has that name, or the name of what it is inside and its own; the last part may be `?` for any."""
    if called is None:
        return True
    names = [str(n).casefold() for n in other.names]
    wanted = called.casefold().split("/")
    mine = names[-len(wanted) :]
    return len(mine) == len(wanted) and all(w in ("?", m) for w, m in zip(wanted, mine, strict=True))


def _satisfies(other: Resource, condition: Rule | None, at: Setting, fields_of: FieldsOf) -> bool:
    return condition is None or decide(condition, replace(at, fields=fields_of(other), pins={}))


def names(details: Any) -> Iterator[str]:
    """The type that an effect looks for, for people."""
    if isinstance(details, Mapping):
        yield str(cast("Mapping[str, Any]", details).get("type", "a related resource"))
