"""Ids of nothing: a misspelt subnet, a zone that no resource is, a parent that is not there.

Judged are only ids in resource groups that the program itself makes, and only of types of which nothing exists unless it is declared
(`references.toml`). In a group that would be created by this very preview there can be nothing else; in one that is there already
somebody else may have put it, which is no more than a doubt, unless the caller knows that the resources judged are all there are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from policies.model import UNKNOWN, Subject
from policies.schema.azure_native import Kind, kind_of
from policies.schema.misfits import Found, Misfit
from policies.schema.shapes import is_secret

_ID: Final = re.compile(r"(/subscriptions/[^/]+/resourceGroups/[^/]+)/providers/([^/]+)/([^?#]+)", re.IGNORECASE)
_GROUP: Final = "azure-native:resources:ResourceGroup"


@cache
def _declared() -> frozenset[str]:
    text = files(__package__ or "policies.schema").joinpath("references.toml").read_text("utf-8")
    return frozenset(t.casefold() for t in tomllib.loads(text)["declared"])


@dataclass(frozen=True, slots=True)
class Step:
    """A resource on the way to another: its type and its id, in small letters, and the id of its parent."""

    arm_type: str
    id: str
    parent: str


@dataclass(frozen=True, slots=True)
class Ids:
    """What is there: resource groups that the program makes, by whether nothing else can be in them; ids; and what is not known.

    All in small letters. `open_types` are types in a group of which one has no known name; `open_lists` are lists of a resource's
    inputs, by its id and the list's name, that are not wholly known.
    """

    groups: Mapping[str, bool]
    ids: frozenset[str]
    open_types: frozenset[tuple[str, str]]
    open_lists: frozenset[str]


def ids_of(subjects: Iterable[Subject], *, is_all: bool = False) -> Ids:
    """The ids that these resources have or will have; `is_all` says that nothing else exists."""
    held = [s for s in subjects if s.kind == "resource"]
    groups = {s.resource_id.casefold(): is_all or s.is_new for s in held if s.type == _GROUP and s.resource_id}
    ids: set[str] = set()
    open_types: set[tuple[str, str]] = set()
    open_lists: set[str] = set()
    for subject in held:
        kind = kind_of(subject.type)
        known = [subject.resource_id.casefold()] if subject.resource_id else _made_up(subject, kind, groups)
        ids.update(known)
        if kind is not None and not known:
            open_types.update((g, kind.arm_type.casefold()) for g in groups)
        for own in known:
            _members(own, subject.inputs, ids, open_lists)
    return Ids(groups, frozenset(ids), frozenset(open_types), frozenset(open_lists))


def _made_up(subject: Subject, kind: Kind | None, groups: Mapping[str, bool]) -> list[str]:
    """The ids that a resource without one would have, in each group of its name; none when a part of its path is not known."""
    if kind is None or kind.path[:1] != ("resourceGroupName",) or not kind.name_input:
        return []
    parts = [subject.inputs.get(p) for p in kind.path]
    segments = kind.arm_type.split("/")
    if len(parts) != len(segments) or not all(isinstance(p, str) and not is_secret(p) for p in parts):
        return []
    group, *names = [cast("str", p) for p in parts]
    tail = "/".join(f"{s}/{n}" for s, n in zip(segments[1:], names, strict=True))
    ends = f"/resourcegroups/{group}".casefold()
    return [f"{g}/providers/{segments[0]}/{tail}".casefold() for g in groups if g.endswith(ends)]


def _members(own: str, inputs: Mapping[str, Any], ids: set[str], open_lists: set[str]) -> None:
    """What a resource holds in lists of its inputs, such as a network's subnets, has ids of its own."""
    for key, value in inputs.items():
        at = f"{own}/{key}".casefold()
        if value is UNKNOWN:
            open_lists.add(at)
        for member in cast("list[Any]", value) if isinstance(value, list) else ():
            name = cast("Mapping[str, Any]", member).get("name") if isinstance(member, Mapping) else member
            if isinstance(name, str) and not is_secret(name):
                ids.add(f"{at}/{name}".casefold())
            else:
                open_lists.add(at)


def nothing_there(subject: Subject, ids: Ids) -> Iterator[Found]:
    """Ids and parents among a resource's inputs that are of nothing."""
    if not ids.groups:
        return
    yield from _parents(subject, ids)
    for path, text in _texts(subject.inputs, ""):
        missing = _missing(text, ids)
        if missing is not None:
            yield _found(path, f"{path} is the id of nothing: there is no {_told(missing)}", missing, ids)


def _parents(subject: Subject, ids: Ids) -> Iterator[Found]:
    kind = kind_of(subject.type)
    missing = _missing(subject.resource_id, ids, is_own=True)
    if kind is None or missing is None:
        return
    depth = missing.arm_type.count("/")
    names = [p for p in kind.path if p != "resourceGroupName"]
    path = names[depth - 1] if len(names) >= depth else ""
    yield _found(path, f"{path or 'its parent'} names nothing: there is no {_told(missing)}", missing, ids)


def _missing(text: str, ids: Ids, *, is_own: bool = False) -> Step | None:
    """The first resource on the way that should be there and is not."""
    found = _ID.fullmatch(text)
    if found is None or found[1].casefold() not in ids.groups:
        return None
    group = found[1].casefold()
    for step in [*_steps(group, found[2].casefold(), found[3].casefold())][: -1 if is_own else None]:
        if step.id in ids.ids:
            continue
        is_open = (group, step.arm_type) in ids.open_types or step.id.rpartition("/")[0] in ids.open_lists
        return step if step.arm_type in _declared() and not is_open else None
    return None


def _steps(group: str, namespace: str, rest: str) -> Iterator[Step]:
    """Each resource on the way, until another provider's begins."""
    words = rest.strip("/").split("/")
    arm_type, own = namespace, f"{group}/providers/{namespace}"
    for segment, name in zip(words[::2], words[1::2], strict=False):
        if segment == "providers":
            return
        parent, arm_type, own = own, f"{arm_type}/{segment}", f"{own}/{segment}/{name}"
        yield Step(arm_type, own, parent)


def _found(path: str, what: str, missing: Step, ids: Ids) -> Found:
    group = missing.id.partition("/providers/")[0]
    beside = missing.id.rpartition("/")[0] + "/"
    names = sorted(i.removeprefix(beside) for i in ids.ids if i.startswith(beside) and "/" not in i.removeprefix(beside))
    close = get_close_matches(missing.id.removeprefix(beside), names, 1, 0.6)
    meant = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(names[:8])}." if names else "Declare it, or correct the id."
    misfit = Misfit.NOTHING_THERE if ids.groups[group] else Misfit.MADE_ELSEWHERE
    more = "" if ids.groups[group] else " among these resources; it may be made elsewhere"
    return Found(misfit, path, f"{what}{more}.", meant)


def _told(missing: Step) -> str:
    return f"{missing.arm_type.rsplit('/', 1)[1]} {missing.id.rsplit('/', 1)[1]}"


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value[:15].casefold() == "/subscriptions/":
            yield path, value
    elif isinstance(value, Mapping):
        for key, held in cast("Mapping[str, Any]", value).items():
            yield from _texts(held, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for n, held in enumerate(cast("list[Any]", value)):
            yield from _texts(held, f"{path}[{n}]")
