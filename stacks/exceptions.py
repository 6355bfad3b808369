"""The exception register as stacks see it: whether an entry that something cites is there, approved and in date.

The same file that `unless check` judges (policies/exceptions.toml, docs/reference/files.md). Only what a citation or an exemption
needs is read.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stacks.errors import StacksError
from stacks.faults import sentences

FORMAT = "cloud-unless/exceptions/1"


class AzureExemption(BaseModel):
    """A policy assignment that Azure does not hold against one scope: a management group, a subscription or a resource group."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    assignment: str = Field(min_length=1, description="its name, or group/name where it stands at several groups")
    scope: str = Field(
        pattern=r"(?i)^([a-z0-9._()-]{1,90}|/subscriptions/[0-9a-f-]{36}(/resourceGroups/[^/]{1,90})?)$",
        description="a management group by its short name, a subscription's id, or a resource group's full id",
    )
    references: tuple[str, ...] = Field(default=(), description="of a set, only these of its definitions")
    category: Literal["waiver", "mitigated"] = "waiver"


class Entry(BaseModel):
    """One entry, as far as a citation or an exemption in Azure needs it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    controls: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    requester: str = ""
    approver: str = ""
    approved_on: date | None = None
    expires_on: date | None = None
    rationale: str = ""
    compensating_controls: tuple[str, ...] = ()
    azure: tuple[AzureExemption, ...] = ()

    @property
    def is_approved(self) -> bool:
        """Whether somebody other than the requester approved it."""
        return bool(self.approver.strip()) and self.approver.strip().casefold() != self.requester.strip().casefold()


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    format: str
    exception: tuple[Entry, ...] = Field(default=())


def read_exceptions(file: Path, shown: str) -> dict[str, Entry]:
    """Entries by id. `shown` is the file as the settings call it.

    Raises StacksError when it cannot be read or is not a register; what else may be wrong with an entry is for `unless check`.
    """
    try:
        read = _File.model_validate(tomllib.loads(file.read_text("utf-8-sig")))
    except FileNotFoundError:
        raise StacksError(f"{shown} does not exist. Correct the setting exceptions, or write the register.") from None
    except ValidationError as wrong:
        raise StacksError(*(f"{shown}, key {where}: {what}" for where, what in sentences(_File, wrong))) from wrong
    except (OSError, ValueError, RecursionError) as wrong:
        raise StacksError(f"{shown} is no exception register: {wrong}. Mend it; unless check says more.") from wrong
    if read.format != FORMAT:
        raise StacksError(f"{shown}, key format: it says {read.format!r}. Write {FORMAT!r}.")
    counted = Counter(entry.id for entry in read.exception)
    if twice := sorted(i for i, count in counted.items() if count > 1):
        raise StacksError(*(f"{shown}: {i} stands more than once, and nobody can tell which counts. Keep one of them." for i in twice))
    return {entry.id: entry for entry in read.exception}


def citation_faults(cited: str, control: str, subject: str, register: dict[str, Entry], on: date) -> Iterator[str]:
    """Why `subject` may not rest on the entry `cited` on that day; nothing where it may."""
    entry = register.get(cited)
    if entry is None:
        yield f"the register has no exception {cited}; enter it and have it approved, or correct the id"
        return
    if subject not in entry.subjects or control not in entry.controls:
        yield f"exception {cited} does not waive {control} for {subject}; it must name both"
    if not entry.is_approved:
        yield f"exception {cited} is not approved by anybody but its requester; have it approved"
    if entry.approved_on is None or entry.approved_on > on:
        yield f"exception {cited} is not approved yet on {on}; wait, or correct approved_on"
    if entry.expires_on is None or entry.expires_on < on:
        yield f"exception {cited} has expired, or never said when it does ({entry.expires_on}); renew it or remove what rests on it"
