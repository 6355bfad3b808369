"""Settings of management groups and policies: which source, what of it is changed, and when it begins to refuse."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from stacks.settings import Guid, Part

_PINS = r"^(sha256:)?[0-9a-f]{64}$"


class Member(Part):
    """A member of the library and the release of it that was reviewed: a published version, or the digest of the files."""

    reference: str = Field(pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", description="a member's path, such as platform/alz")
    version: str = ""
    digest: str = Field(default="", pattern=rf"{_PINS}|^$")

    @model_validator(mode="after")
    def _is_pinned(self) -> Member:
        if not self.version and not self.digest:
            raise ValueError(
                "give version, such as 2026.04.2, or digest: an unpinned library changes what is deployed without anyone deciding"
            )
        return self


class LibrarySource(Member):
    """A copy of the Azure Landing Zones library, and what the council makes of it. Paths are beside Pulumi.yaml."""

    path: str = Field(min_length=1, description="the folder that holds platform/")
    built_ins: str = Field(min_length=1, description="a copy of Azure/azure-policy, from which the roles of identities are read")
    reference: str = "platform/alz"
    also: tuple[Member, ...] = ()
    own: str = Field(default="", description="a folder of the council's own archetypes, overrides, assignments and architectures")
    architecture: str = Field(default="", description="the name of an architecture; empty: the last member's")
    values: dict[str, Any] = Field(default={}, description="the library's default values by name, where the stack does not fill them")
    parameters: dict[str, dict[str, Any]] = Field(default={}, description="parameters by assignment")
    leave_out: dict[str, str] = Field(default={}, description="assignments that are not made, each with the reason")

    @model_validator(mode="after")
    def _says_why(self) -> LibrarySource:
        if silent := sorted(name for name, reason in self.leave_out.items() if not reason.strip()):
            raise ValueError(f"leave_out gives no reason for {', '.join(silent)}; say why it is left out")
        return self


class Architecture(Part):
    """Where management groups and policies come from: our own embedded data, unless `library` says otherwise."""

    library: LibrarySource | None = None


class Mode(StrEnum):
    """Whether an assignment acts, or only reports what it would have done."""

    ENFORCE = "enforce"
    REPORT = "report"


class Enforcement(Part):
    """One of: a mode for good, or the last day on which it only reports."""

    mode: Mode | None = None
    report_until: date | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Enforcement:
        if (self.mode is None) == (self.report_until is None):
            raise ValueError("give either mode (enforce or report) or report_until (the last day on which it only reports)")
        return self


class RoleChange(Part):
    """What a council changes of the roles of one assignment's identity, by role definition id."""

    add: tuple[Guid, ...] = ()
    drop: tuple[Guid, ...] = ()
    reason: str = Field(min_length=10, description="why, for whoever reviews access")

    @model_validator(mode="after")
    def _changes_something(self) -> RoleChange:
        if not self.add and not self.drop:
            raise ValueError("name roles to add or to drop")
        if both := sorted(set(self.add) & set(self.drop)):
            raise ValueError(f"{', '.join(both)} is both added and dropped; choose")
        return self


class Twin(Part):
    """The same management groups once more, where every policy only reports: for subscriptions that exist already."""

    id: str = Field(pattern=r"^[a-z][a-z0-9]{1,9}$", description="two to ten small letters and digits that begin its groups' names")
    subscriptions: dict[str, tuple[Guid, ...]] = Field(default={}, description="subscriptions by management group")
