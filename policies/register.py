"""The exception register: parsed strictly, every fault at once; its entries become subjects and waivers.

Only the shape is checked here. Whether an entry is approved, in date, within its cap and about something that
exists is for controls to judge (`policies/controls/exceptions.py`), so that a bad entry is a verdict like any other.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policies.errors import PoliciesError
from policies.model import Subject

FORMAT: Final = "cloud-unless/exceptions/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Part):
    """A way that was weighed, and what it costs over five years in pence."""

    name: str = Field(min_length=1)
    five_year_cost_pence: int | None = Field(default=None, ge=0)


class AzureExemption(_Part):
    """A policy assignment that Azure does not hold against one scope: a management group, a subscription or a resource group."""

    assignment: str = Field(min_length=1, description="its name, or group/name where it stands at several groups")
    scope: str = Field(
        pattern=r"(?i)^([a-z0-9._()-]{1,90}|/subscriptions/[0-9a-f-]{36}(/resourceGroups/[^/]{1,90})?)$",
        description="a management group by its short name, a subscription's id, or a resource group's full id",
    )
    references: tuple[str, ...] = Field(default=(), description="of a set, only these of its definitions")
    category: Literal["waiver", "mitigated"] = "waiver"


class Entry(_Part):
    """One approved, dated departure from controls. Names and dates that nobody has filled in are empty."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    controls: tuple[str, ...] = Field(min_length=1)
    subjects: tuple[str, ...] = Field(min_length=1)
    category: str = ""
    rationale: str = ""
    options: tuple[Option, ...] = ()
    risk: str = ""
    compensating_controls: tuple[str, ...] = ()
    requester: str = ""
    approver: str = ""
    approved_on: date | None = None
    expires_on: date | None = None
    review_on: date | None = None
    exit_plan: str = ""
    evidence: tuple[str, ...] = ()
    azure: tuple[AzureExemption, ...] = ()

    @property
    def is_approved(self) -> bool:
        """Whether somebody other than the requester approved it."""
        return bool(self.approver.strip()) and self.approver.strip().casefold() != self.requester.strip().casefold()

    def in_force(self, on: date) -> bool:
        """Whether it is approved by another, and `on` lies from its approval to its expiry, both days included."""
        return (
            self.is_approved and self.approved_on is not None and self.expires_on is not None and self.approved_on <= on <= self.expires_on
        )

    def names(self, control_id: str, subject: Subject) -> bool:
        """Whether it is about that control and that very subject, by its id (or URN) or its name, exactly."""
        return control_id in self.controls and (subject.id in self.subjects or subject.name in self.subjects)


class _File(_Part):
    format: str
    exception: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """The entries, sorted by id, and each as a subject to judge."""

    entries: tuple[Entry, ...] = ()
    subjects: tuple[Subject, ...] = ()


def read_register(file: Path, shown_as: str = "") -> Register:
    """Read a register. `shown_as` is how findings name the file.

    Raises PoliciesError with every fault when it is not TOML, or not of this format, or an entry has the wrong shape.
    """
    try:
        return parse_register(file.read_text("utf-8-sig"), shown_as or file.as_posix())
    except (OSError, UnicodeDecodeError) as wrong:
        raise PoliciesError(f"{file}: cannot be read ({wrong}). Correct the path, or save the file as UTF-8.") from wrong


def parse_register(text: str, name: str) -> Register:
    """The register in `text`; `name` is the file's name in faults and findings. Raises PoliciesError with every fault."""
    try:
        held = tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise PoliciesError(f"{name}: is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    if held.get("format") != FORMAT:
        raise PoliciesError(f'{name}: its format is {held.get("format", "not given")!r}. Write: format = "{FORMAT}".')
    try:
        entries = _File.model_validate(held).exception
    except ValidationError as wrong:
        raise PoliciesError(*(_sentence(name, e["loc"], e["msg"], e["type"]) for e in wrong.errors())) from wrong
    counts = Counter(e.id for e in entries)
    twice = [f"{name}: the id {i} is used {n} times. Give each entry an id of its own." for i, n in counts.items() if n > 1]
    if twice:
        raise PoliciesError(*twice)
    ordered = tuple(sorted(entries, key=lambda e: e.id))
    return Register(ordered, tuple(_subject(e, name, text) for e in ordered))


def _subject(entry: Entry, file: str, text: str) -> Subject:
    found = re.search(rf"^\s*id\s*=\s*[\"']{re.escape(entry.id)}[\"']", text, re.MULTILINE)
    line = text.count("\n", 0, found.end()) + 1 if found else 0
    return Subject("exception", "exception", entry.id, entry.id, entry.model_dump(mode="json"), file=file, line=line)


def _sentence(name: str, where: tuple[int | str, ...], what: str, kind: str) -> str:
    entry = next((f"entry {w + 1}, " for w in where if isinstance(w, int)), "")
    key = ".".join(str(w) for w in where[2 if entry else 0 :]) or str(where[0])
    if kind == "extra_forbidden":
        return f"{name}, {entry}key {key}: no field has this name. Correct its spelling or remove it."
    if kind == "missing":
        return f"{name}, {entry}key {key}: is missing. Add it."
    return f"{name}, {entry}key {key}: {what}. Correct the value."
