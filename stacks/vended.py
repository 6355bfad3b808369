"""What a request says besides its servers and data: whose it is, in which subscription it stands, and whether it is leaving."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from stacks.settings import Email

State = Literal["live", "decommissioning", "gone"]
ManagementGroup = Literal["corp", "online", "sandbox"]
SHARED, NEW, EXISTING = "shared", "new", "existing:"


def _subscription(value: str) -> str:
    kind, _, given = value.partition(":")
    if value in (SHARED, NEW):
        return value
    if f"{kind}:" != EXISTING:
        raise ValueError(f"write shared, new or existing:ID; it says {value!r}")
    try:
        return f"{EXISTING}{UUID(given)}"
    except ValueError as wrong:
        raise ValueError(f"{given!r} is not a subscription's id; it looks like 3f2504e0-4f89-41d3-9a0c-0305e82c3301") from wrong


class Vended(BaseModel):
    """The optional keys by which a request gets its subscription, and in the end gives it back."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    council: str = Field(default="", pattern=r"^([a-z][a-z0-9]{1,9})?$", description="whose it is, where several councils share a platform")
    subscription: Annotated[str, AfterValidator(_subscription)] | None = Field(default=None, description="shared, new or existing:ID")
    management_group: ManagementGroup | None = None
    contacts: tuple[Email, ...] = Field(default=(), description="who hears of its budget and alerts")
    state: State = "live"
    decommission_on: date | None = Field(default=None, description="the day on which it was agreed to end")

    @model_validator(mode="after")
    def _leaves_on_a_day(self) -> Self:
        if self.state != "live" and self.decommission_on is None:
            raise ValueError(f"state {self.state} needs decommission_on, the day on which it was agreed to end; add it")
        if self.subscription == SHARED and self.management_group:
            raise ValueError(
                "management_group moves a subscription and this one is shared with others; "
                'remove management_group, or ask for subscription = "new"'
            )
        return self

    @property
    def own_subscription(self) -> str:
        """The id of the existing subscription that it names; "" where it names none."""
        said = self.subscription or ""
        return said.removeprefix(EXISTING) if said.startswith(EXISTING) else ""
