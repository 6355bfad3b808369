"""`pulumi stack export` (a deployment) and the checkpoint that the rehearsal and file backends keep, version 3."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict

from policies.errors import PoliciesError
from policies.model import Subject
from policies.read.resources import State, subject_of

VERSION: Final = 3


class _Operation(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str = ""
    resource: State


class _Deployment(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    resources: tuple[State, ...] | None = None
    pending_operations: tuple[_Operation, ...] | None = None


def subjects_of_export(held: dict[str, Any], name: str) -> tuple[Subject, ...]:
    """The resources as they stand, without those that wait to be deleted and those that are only read.

    Raises PoliciesError when the file is of another version or has a resource twice; pydantic's ValidationError on a wrong shape.
    """
    if held.get("version") != VERSION:
        raise PoliciesError(
            f"{name}: is a stack export of version {held.get('version')!r}; version {VERSION} is read. "
            "Export it again with a current Pulumi: pulumi stack export --file FILE."
        )
    standing = [s for s in _deployment(held).resources or () if not s.delete and not s.external]
    twice = sorted(urn for urn, n in Counter(s.urn for s in standing).items() if n > 1)
    if twice:
        raise PoliciesError(
            *(f"{name}: has {urn} twice, and only one of them can be. Export it again: pulumi stack export." for urn in twice)
        )
    return tuple(subject_of(s) for s in sorted(standing, key=lambda s: s.urn))


def interrupted(held: dict[str, Any], name: str) -> tuple[str, ...]:
    """A sentence for each resource with which an update was under way when it was cut off: nobody knows what became of it."""
    return tuple(
        f"{name}: an update was cut off while {o.type or 'changing'} {o.resource.urn}, so what it is now was not judged. "
        "Run pulumi refresh, and export the stack again."
        for o in _deployment(held).pending_operations or ()
        if o.type != "reading"
    )


def _deployment(held: dict[str, Any]) -> _Deployment:
    checkpoint = cast("dict[str, Any]", held.get("checkpoint") or {})
    return _Deployment.model_validate(held.get("deployment") or checkpoint.get("latest") or {})
