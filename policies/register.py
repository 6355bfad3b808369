"""The exception register: parsed strictly, every fault at once; its entries become subjects and waivers.

Only the shape is checked here. Whether an entry is approved, in date, within its cap and about something that
exists is for controls to judge (`policies/controls/exceptions.py`), so that a bad entry is a verdict like any other.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from policies.errors import PoliciesError
from policies.knowledge import register_rules
from policies.model import Severity, Subject

FORMAT: Final = "cloud-unless/exceptions/1"


def _day(said: object) -> object:
    """Only a date, or its ISO text: pydantic would read a number as days or seconds since 1970, and drop a time."""
    if isinstance(said, datetime) or not isinstance(said, (date, str, type(None))):
        raise ValueError("it is not a date; write it as 2027-03-31, without quotation marks")
    return said


Day = Annotated[date | None, BeforeValidator(_day)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Part):
    """A way that was weighed, and what it costs over five years in pence."""

    name: str = Field(min_length=1)
    five_year_cost_pence: int | None = Field(default=None, ge=0, strict=True, description="whole pence, over five years")


class Authority(_Part):
    """A role that may approve exceptions to controls of a severity and of all lesser ones."""

    role: str = Field(min_length=1)
    up_to: Severity = Field(description="critical, high, medium or low")


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

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="its own, as findings and the plan cite it")
    controls: tuple[str, ...] = Field(min_length=1, description="ids of docs/reference/controls.md, each in full")
    subjects: tuple[str, ...] = Field(
        min_length=1, description="ids of workloads, datasets, interfaces or runbooks, names or URNs of resources"
    )
    category: str = Field(default="", description="one of: " + ", ".join(register_rules()["categories"]))
    rationale: str = Field(default="", description="why the control cannot be met")
    options: tuple[Option, ...] = Field(default=(), description="at least two ways that were weighed, each with its five-year cost")
    risk: str = Field(default="", description="what may go wrong while it lasts")
    compensating_controls: tuple[str, ...] = Field(default=(), description="what lessens the risk meanwhile")
    requester: str = Field(default="", description="who asked for it")
    approver: str = Field(default="", description="a role with the authority, or a person and the role: A. Person, Chief Executive")
    approved_on: Day = Field(default=None, description="the first day on which it waives")
    expires_on: Day = Field(default=None, description="the last day on which it waives, in Europe/London")
    review_on: Day = Field(default=None, description="when it is looked at again, before it expires")
    exit_plan: str = Field(default="", description="how the control will be met again, and when")
    evidence: tuple[str, ...] = Field(default=(), description="minutes, letters, tests: where each is kept")
    renews: tuple[str, ...] = Field(default=(), description="ids of the entries that this one continues; leave those in the register")
    renewals_before: int = Field(default=0, ge=0, strict=True, description="renewals from before this register was kept")
    azure: tuple[AzureExemption, ...] = Field(default=(), description="what Azure is told to overlook, if anything")

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


class File(_Part):
    """A register as it is written: its format, who may approve, and its entries."""

    format: Literal["cloud-unless/exceptions/1"]
    authority: tuple[Authority, ...] | None = Field(
        default=None, description="who may approve what; the toolkit's own division where this is left out"
    )
    exception: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """The entries, sorted by id, and each as a subject to judge.

    `unsound` gives the controls that an entry fails, for entries that may waive nothing because of it (`policies.standing.sound`).
    """

    entries: tuple[Entry, ...] = ()
    subjects: tuple[Subject, ...] = ()
    unsound: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


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
    wrong = [f"{name}: {what}" for what in _between(held)]
    try:
        written = File.model_validate(held)
    except ValidationError as misshapen:
        raise PoliciesError(*(_sentence(name, e["loc"], e["msg"], e["type"]) for e in misshapen.errors()), *wrong) from misshapen
    if wrong:
        raise PoliciesError(*wrong)
    ordered = tuple(sorted(written.exception, key=lambda e: e.id))
    return Register(ordered, tuple(_subject(e, name, text, _authority(written)) for e in ordered))


def schema() -> dict[str, Any]:
    """The register's JSON schema, for editors that check a file as it is written; `policies/exceptions.schema.json` holds it."""
    held = File.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **held, "title": "The exception register of cloud-unless"}


def _between(held: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong between entries, whatever is wrong within them: an id that is used twice, entries that renew one another."""
    written: object = held.get("exception")
    entries = [cast("dict[str, Any]", e) for e in cast("list[object]", written if isinstance(written, list) else []) if isinstance(e, dict)]
    ids = [str(e.get("id", "")) for e in entries]
    for i, n in sorted(Counter(i for i in ids if i).items()):
        if n > 1:
            yield f"the id {i} is used {n} times. Give each entry an id of its own."
    renews: dict[str, list[str]] = {}
    for i, entry in zip(ids, entries, strict=True):
        said: object = entry.get("renews")
        renews.setdefault(i, []).extend(str(s) for s in cast("list[object]", said if isinstance(said, list) else []))
    for entry_id in sorted(renews):
        if entry_id in _continued(entry_id, renews):
            yield f"key renews: {entry_id} renews itself, by way of others or at once, so nothing came first. Correct renews."


def _continued(entry_id: str, renews: Mapping[str, Sequence[str]]) -> set[str]:
    """Every entry that this one continues, directly or by way of others."""
    found: set[str] = set()
    waiting = [*renews.get(entry_id, ())]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += renews.get(here, ())
    return found


def _authority(written: File) -> list[dict[str, Any]]:
    if written.authority is None:
        return register_rules()["authority"]
    return [a.model_dump(mode="json") for a in written.authority]


def _subject(entry: Entry, file: str, text: str, authority: list[dict[str, Any]]) -> Subject:
    found = re.search(rf"^\s*id\s*=\s*[\"']{re.escape(entry.id)}[\"']", text, re.MULTILINE)
    line = text.count("\n", 0, found.end()) + 1 if found else 0
    inputs = entry.model_dump(mode="json") | {"authority": authority}
    return Subject("exception", "exception", entry.id, entry.id, inputs, file=file, line=line)


def _sentence(name: str, where: tuple[int | str, ...], what: str, kind: str) -> str:
    list_ = "authority" if where[0] == "authority" else "entry"
    entry = next((f"{list_} {w + 1}, " for w in where if isinstance(w, int)), "")
    key = ".".join(str(w) for w in where[2 if entry else 0 :]) or str(where[0])
    if kind == "extra_forbidden":
        return f"{name}, {entry}key {key}: no field has this name. Correct its spelling or remove it."
    if kind == "missing":
        return f"{name}, {entry}key {key}: is missing. Add it."
    said = what.removeprefix("Value error, ")
    return f"{name}, {entry}key {key}: {said}. Correct the value."
