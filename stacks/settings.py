"""Settings of a stack: what people write in `Pulumi.STACK.yaml`, checked whole before anything is built."""

from __future__ import annotations

import json
from datetime import date
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stacks.config import StackConfig
from stacks.errors import StacksError
from stacks.faults import sentences

S = TypeVar("S", bound="Settings")


class Part(BaseModel):
    """A group of settings. A name that is not listed is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _network(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write an address range as text, such as 10.100.0.0/22")
    try:
        found = IPv4Network(value)
    except ValueError as wrong:
        raise ValueError(f"{value} is not an address range ({wrong}); write one such as 10.100.0.0/22") from wrong
    if found.is_loopback or found.is_multicast or found.is_link_local or found.is_reserved or found.is_unspecified:
        raise ValueError(f"{value} is kept for other things and is no network's; write one such as 10.100.0.0/22")
    return found


def _guid(value: object) -> object:
    try:
        found = UUID(str(value))
    except ValueError as wrong:
        raise ValueError(f"{value} is not an id; it looks like 3f2504e0-4f89-41d3-9a0c-0305e82c3301") from wrong
    if not found.int:
        raise ValueError(f"{value} is nobody's id; write the one that Azure shows")
    return str(found)


def first_of_month(value: date) -> date:
    """Refuse a date on which Azure starts no budget."""
    if value.day != 1:
        raise ValueError(f"{value} is not the first of a month, and Azure starts budgets only then")
    return value


Cidr = Annotated[IPv4Network, BeforeValidator(_network)]
Guid = Annotated[str, BeforeValidator(_guid)]
CouncilId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,9}$")]
Region = Literal["uksouth", "ukwest"]
Pounds = Annotated[int, Field(gt=0, le=100_000_000)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Council(Part):
    """Whose cloud this is. `id` begins every name; the rest become tags."""

    id: str = Field(pattern=r"^[a-z][a-z0-9]{1,9}$", description="two to ten small letters and digits that begin every name")
    name: str = Field(min_length=1, max_length=80)
    owner: str = Field(min_length=1, max_length=120, description="the role that answers for the platform")
    cost_centre: str = Field(min_length=1, max_length=40)


class Budget(Part):
    """What a month may cost, in whole pounds of the billing account's currency, and who hears at which percentages."""

    monthly_pounds: Pounds
    starts_on: Annotated[date, AfterValidator(first_of_month)]
    contacts: tuple[Email, ...] = Field(min_length=1)
    percentages: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = Field(default=(50, 80, 100), min_length=1, max_length=5)


class Settings(Part):
    """What every stack's configuration has."""

    stack: str


def parse(config: StackConfig, settings: type[S]) -> S:
    """Check a whole configuration.

    Raises StacksError with one sentence for each fault, naming file and key.
    """
    values, faults = _structured(config)
    try:
        parsed = settings.model_validate(values)
    except ValidationError as wrong:
        unreadable = config.values.keys() - values.keys()
        # What hangs on a group that nobody can read is not missing.
        found = sentences(settings, wrong)
        faults += [config.fault(key, what) for key, what in found if key.partition(".")[0].partition("[")[0] not in unreadable]
        raise StacksError(*faults) from None
    if faults:
        raise StacksError(*faults)
    return parsed


def _structured(config: StackConfig) -> tuple[dict[str, Any], list[str]]:
    """Pulumi hands lists and objects over as JSON, plain values as text."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    for key, text in config.values.items():
        try:
            values[key] = json.loads(text) if text[:1] in ("{", "[") else text
        except json.JSONDecodeError as wrong:
            faults.append(config.fault(key, f"this is not readable as a list or group of settings ({wrong.msg}); mend its brackets."))
    return values, faults
