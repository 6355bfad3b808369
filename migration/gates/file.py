"""`runbooks/gates.toml`: who may decide and with which key, who decides for whom, and what stops every move. Reviewed by people."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from migration.errors import MigrationError

FORMAT: Final = "cloud-unless/gates/1"
_ID: Final = r"^[a-z0-9][a-z0-9._-]{0,62}$"
# Public keys as OpenSSH writes them, the kinds that live on a security key included; no comment, no options.
KEY: Final = (
    r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)"
    r" [A-Za-z0-9+/]+=*$"
)


def _day(said: object) -> object:
    if isinstance(said, datetime) or not isinstance(said, date):
        raise ValueError("it is not a date. Write it as 2027-03-31, without quotation marks")
    return said


Day = Annotated[date, BeforeValidator(_day)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Person(_Part):
    """Somebody who may decide. `roles` are of roles.toml; `key` is the public half of the key that signs; `until` the last day."""

    id: str = Field(pattern=_ID)
    name: str = Field(min_length=1)
    roles: tuple[str, ...] = Field(min_length=1)
    key: str = Field(pattern=KEY)
    until: Day


class Delegation(_Part):
    """`to` decides for `of` in a role, both days included."""

    of: str = Field(min_length=1)
    to: str = Field(min_length=1)
    role: str = Field(min_length=1)
    starts: Day
    ends: Day
    because: str = Field(min_length=1)

    def holds(self, day: date) -> bool:
        """Whether it counts on that day."""
        return self.starts <= day <= self.ends


class Blocker(_Part):
    """What keeps every gate shut from `starts` until `ends`, or until it is taken out."""

    id: str = Field(pattern=_ID)
    kind: Literal["change-freeze", "major-fault"]
    what: str = Field(min_length=1)
    by: str = Field(min_length=1)
    starts: AwareDatetime
    ends: AwareDatetime | None = None

    def blocks(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.starts <= now and (self.ends is None or now < self.ends)


class Gates(_Part):
    """The whole file. A rehearsal and an approval are worth something for so long."""

    format: Literal["cloud-unless/gates/1"]
    rehearsal_valid_days: int = Field(ge=1, le=366)
    approval_valid_hours: int = Field(ge=1, le=24 * 31)
    person: tuple[Person, ...] = Field(min_length=2)
    delegation: tuple[Delegation, ...] = ()
    blocker: tuple[Blocker, ...] = ()


def read_gates(file: Path, roles: frozenset[str]) -> Gates:
    """The gates. Raises MigrationError with every mistake of the file."""
    try:
        held = Gates.model_validate(tomllib.loads(file.read_text("utf-8-sig")))
    except OSError as wrong:
        raise MigrationError(f"{file} cannot be read: {wrong.strerror}. Correct the path.") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise MigrationError(f"{file} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    except ValidationError as wrong:
        raise MigrationError(*(_sentence(file, e["loc"], e["msg"], e["type"]) for e in wrong.errors())) from wrong
    if found := list(_faults(held, roles)):
        raise MigrationError(*(f"{file}, {what}" for what in found))
    return held


def _faults(held: Gates, roles: frozenset[str]) -> Iterator[str]:
    for word, names in (("id", [p.id for p in held.person]), ("key", [p.key for p in held.person]), ("id", [b.id for b in held.blocker])):
        yield from (f"{word} {n}: it is there more than once. Give each its own." for n, times in Counter(names).items() if times > 1)
    people = {p.id: p for p in held.person}
    for p in held.person:
        yield from (f"person {p.id}: nobody has the role {r!r}. Roles: {', '.join(sorted(roles))}." for r in p.roles if r not in roles)
    for d in held.delegation:
        yield from (f"delegation of {d.of} to {d.to}: there is no person {i}. Correct the id." for i in (d.of, d.to) if i not in people)
        if d.of in people and d.role not in people[d.of].roles:
            yield f"delegation of {d.of} to {d.to}: {d.of} does not have the role {d.role!r} to give. Correct the role."
        if d.of == d.to:
            yield f"delegation of {d.of} to {d.to}: nobody stands in for themselves. Name somebody else."
        if d.ends < d.starts:
            yield f"delegation of {d.of} to {d.to}: it ends ({d.ends}) before it starts ({d.starts}). Correct the days."


def _sentence(file: Path, where: tuple[int | str, ...], what: str, kind: str) -> str:
    key = ".".join(str(w) for w in where)
    if kind == "extra_forbidden":
        return f"{file}, key {key}: nothing has this name here. Correct its spelling or remove it."
    return f"{file}, key {key}: {what.removeprefix('Value error, ').rstrip('.')}. Correct the value."
