"""`pulumi stack export` (a deployment) and the checkpoint that the rehearsal and file backends keep, version 3."""

from __future__ import annotations

from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict

from policies.errors import PoliciesError
from policies.model import Subject
from policies.read.resources import State, subject_of

VERSION: Final = 3


class _Deployment(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    resources: tuple[State, ...] | None = None


def subjects_of_export(held: dict[str, Any], name: str) -> tuple[Subject, ...]:
    """The resources as they stand, without those that wait to be deleted and those that are only read.

    Raises PoliciesError when the file is of another version; pydantic's ValidationError on a wrong shape.
    """
    if held.get("version") != VERSION:
        raise PoliciesError(
            f"{name}: is a stack export of version {held.get('version')!r}; version {VERSION} is read. "
            "Export it again with a current Pulumi: pulumi stack export --file FILE."
        )
    checkpoint = cast("dict[str, Any]", held.get("checkpoint") or {})
    body: object = held.get("deployment") or checkpoint.get("latest") or {}
    states = {s.urn: s for s in _Deployment.model_validate(body).resources or () if not s.delete and not s.external}
    return tuple(subject_of(states[urn]) for urn in sorted(states))
