"""Azure's own JSON: a template (`az bicep build`, `az group export`), or resources as they are (`az resource show`, `az graph query`).

Resources become subjects of azure-native's classes. In a template an expression is unknown, with what it is as the reason, unless it is a
variable with a plain value; a loop is laid out where its count is a number; a nested template is read as part of the whole, and one that is
only linked to is said to be unread. A resource with a condition is judged as if it were made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from policies.errors import PoliciesError
from policies.model import UNKNOWN, Subject
from policies.read.arm_inputs import Reader, as_named, count, inputs_of, names_of, scope_input, texts, token_of
from policies.read.lines import Written, line_of
from policies.schema.azure_native import kind_of

_SCHEMA: Final = re.compile(r"/(?:\w+D|d)eploymentTemplate\.json", re.IGNORECASE)
_ID: Final = re.compile(r"(?P<above>.*)/providers/(?P<namespace>[^/]+)/(?P<rest>[^?#]+)$", re.IGNORECASE)
_GROUP: Final = re.compile(r"/resourceGroups/([^/]+)", re.IGNORECASE)
_RESOURCE_ID: Final = re.compile(r"\[resourceId\(\s*'([^']+/[^']+)'((?:\s*,\s*'[^']+')+)\s*\)\]", re.IGNORECASE)
_DEPLOYMENT: Final = "microsoft.resources/deployments"
_DEEPEST: Final = 10


def is_template(held: object) -> bool:
    """Whether it is a template of Azure Resource Manager."""
    return isinstance(held, dict) and bool(_SCHEMA.search(str(cast("dict[str, Any]", held).get("$schema", ""))))


def exported(held: object) -> list[Written] | None:
    """The resources of an export: a list of them, `value` or `data` of an answer, or one by itself; None when it is no export."""
    found = held
    if isinstance(held, dict):
        answer = cast("dict[str, Any]", held)
        found = next((answer[k] for k in ("value", "data") if isinstance(answer.get(k), list)), [answer] if "type" in answer else None)
    if not isinstance(found, list) or not found:
        return None
    rows = cast("list[Any]", found)
    named = [as_named(cast("dict[str, Any]", r)) for r in rows if isinstance(r, dict)]
    return named if len(named) == len(rows) and all(map(_is_resource, named)) else None


def _is_resource(row: Written) -> bool:
    return str(row.get("id", "")).startswith("/") and "/" in str(row.get("type", ""))


def subjects_of_export(rows: list[Written], name: str) -> tuple[Subject, ...]:
    """The resources of an export, one for each id. Raises PoliciesError when one id has two bodies."""
    found: dict[str, Written] = {}
    for row in rows:
        if found.setdefault(str(row["id"]).casefold(), row) != row:
            raise PoliciesError(f"{name}: gives {row['id']} two different bodies. Export it again.")
    return tuple(_exported(row, name) for _, row in sorted(found.items()))


def _exported(row: Written, file: str) -> Subject:
    identity, arm_type = str(row["id"]), str(row["type"])
    token = token_of(arm_type)
    kind, reader = kind_of(token), Reader(is_template=False)
    found, group = _ID.fullmatch(identity), _GROUP.search(identity)
    segments = found["rest"].split("/")[1::2] if found else [identity.rsplit("/", 1)[-1]]
    names = names_of(kind, segments, group[1] if group else "")
    if (about := scope_input(kind)) and found:
        names[about] = found["above"]
    inputs = inputs_of(token, {k: v for k, v in row.items() if k not in _ANSWERED}, reader, names)
    shown = str(row.get("name") or identity.rsplit("/", 1)[-1])
    because = reader.because
    return Subject("resource", token, identity, shown, inputs, file=file, line=row.line, resource_id=identity, unknown_because=because)


# What Azure answers about a resource that nobody sets.
_ANSWERED: Final = frozenset(
    {"changedTime", "createdTime", "etag", "managedBy", "provisioningState", "resourceGroup", "subscriptionId", "systemData", "tenantId"}
)


@dataclass(frozen=True, slots=True)
class _Template:
    """One template: where it is, its values, and the resources of it."""

    file: str
    reader: Reader
    resources: list[Mapping[str, Any]]


def subjects_of_template(held: Mapping[str, Any], name: str) -> tuple[tuple[Subject, ...], tuple[str, ...]]:
    """The resources of a template and of those nested in it, and a sentence for each that is only linked to."""
    unread: list[str] = []
    made = [*_walk(_template(held, name), unread, 0)]
    seen: dict[str, int] = {}
    known = {(s.type, s.name.casefold()): s.id for s, _ in made}
    subjects: list[Subject] = []
    for subject, body in made:
        seen[subject.id] = nth = seen.get(subject.id, 0) + 1
        subjects.append(_linked(subject, body, known, nth))
    return tuple(subjects), tuple(unread)


def _template(written: Mapping[str, Any], name: str) -> _Template:
    held = as_named(written)
    variables = {k.casefold(): v for k, v in _objects(held.get("variables")).items() if _is_plain(v)}
    parameters = _objects(held.get("parameters"))
    secure = frozenset(
        k.casefold() for k, v in parameters.items() if str(as_named(_objects(v)).get("type", "")).casefold().startswith("secure")
    )
    resources: object = held.get("resources")
    rows = list(cast("dict[str, Any]", resources).values()) if isinstance(resources, dict) else resources
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in cast("list[Any]", rows)):
        raise PoliciesError(f"{name}: is a template without a list of resources. Build it again: az bicep build.")
    return _Template(name, Reader(variables, secure), [as_named(r) for r in cast("list[Mapping[str, Any]]", rows)])


def _is_plain(value: object) -> bool:
    if isinstance(value, (dict, list)):
        inner = cast("dict[str, Any]", value).items() if isinstance(value, dict) else [("", v) for v in cast("list[Any]", value)]
        return all(_is_plain(v) and not k.startswith("[") for k, v in inner)
    return not (isinstance(value, str) and value.startswith("["))


def _objects(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _walk(template: _Template, unread: list[str], depth: int) -> Iterator[tuple[Subject, Mapping[str, Any]]]:
    waiting = [(row, "", "") for row in template.resources]
    while waiting:
        body, type_above, name_above = waiting.pop(0)
        if body.get("condition") is False or body.get("existing") is True:
            continue
        arm_type = f"{type_above}/{body.get('type', '')}" if type_above else str(body.get("type", ""))
        own = template.reader.text(str(body.get("name", "")), "name")
        shown = f"{name_above}/{own}" if name_above and own is not UNKNOWN else own
        waiting += [(c, arm_type, str(shown)) for c in _rows(body.get("resources"))]
        if arm_type.casefold() == _DEPLOYMENT:
            yield from _nested(template, body, unread, depth)
            continue
        times = count(as_named(_objects(body.get("copy")))) if "copy" in body else 1
        for nth in range(1 if times is None else times):
            yield _declared(template, arm_type, shown, body, nth if times not in (None, 1) else -1), body


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [as_named(cast("dict[str, Any]", r)) for r in cast("list[Any]", value) if isinstance(r, dict)] if isinstance(value, list) else []


def _nested(template: _Template, body: Mapping[str, Any], unread: list[str], depth: int) -> Iterator[tuple[Subject, Mapping[str, Any]]]:
    inner = as_named(_objects(body.get("properties"))).get("template")
    if isinstance(inner, dict) and depth < _DEEPEST:
        yield from _walk(_template(cast("dict[str, Any]", inner), template.file), unread, depth + 1)
        return
    unread.append(f"{template.file}: the template that the deployment {body.get('name')} links to was not read. Judge it by itself.")


def _declared(template: _Template, arm_type: str, name: Any, body: Mapping[str, Any], nth: int) -> Subject:
    reader = Reader(template.reader.variables, template.reader.secrets)
    token = token_of(arm_type)
    kind = kind_of(token)
    segments = [UNKNOWN] if name is UNKNOWN else str(name).split("/")
    names = names_of(kind, segments, "")
    for part in [p for p, v in names.items() if v is UNKNOWN]:
        reader.because[part] = "the template has an expression for the name"
    if about := scope_input(kind):
        names[about] = UNKNOWN
    shown = str(body.get("name")) if name is UNKNOWN else str(name)
    shown = shown if nth < 0 else f"{shown} ({nth + 1})"
    inputs = inputs_of(token, body, reader, names)
    identity = f"arm:{template.file}::{arm_type}::{shown}"
    return Subject("resource", token, identity, shown, inputs, file=template.file, line=line_of(body), unknown_because=reader.because)


def _linked(subject: Subject, body: Mapping[str, Any], known: Mapping[tuple[str, str], str], nth: int) -> Subject:
    """The subject with what it refers to by literal ids: what its scope is, and what it depends on; and an id of its own."""
    about = scope_input(kind_of(subject.type))
    scope = _referred(str(body.get("scope", "")), known)
    depends = tuple(sorted({d for t in texts(body.get("dependsOn")) if (d := _referred(t, known))}))
    return replace(
        subject,
        id=subject.id if nth == 1 else f"{subject.id} ({nth})",
        depends_on=depends,
        waits_on={about: (scope,)} if about and scope else {},
    )


def _referred(text: str, known: Mapping[tuple[str, str], str]) -> str:
    """The subject of the same template that `[resourceId('TYPE', 'NAME')]` names; "" for any other text."""
    found = _RESOURCE_ID.fullmatch(text)
    if found is None:
        return ""
    return known.get((token_of(found[1]), "/".join(re.findall(r"'([^']+)'", found[2])).casefold()), "")
