"""Settings of what is watched: who is told, what security services are on, when servers are patched."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from stacks.settings import Email, Guid, Part

Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Phone(Part):
    """A mobile number that gets a text."""

    country: str = Field(default="44", pattern=r"^\d{1,3}$")
    number: str = Field(pattern=r"^\d{6,12}$", description="without the country and the first 0")


class Alerts(Part):
    """Who is told. `urgent` is woken; everybody else waits for the morning and is told by the budget's contacts' address."""

    urgent: tuple[Email, ...] = Field(default=(), description="who is told at once; the budget's contacts where nobody is named")
    texts: tuple[Phone, ...] = Field(default=(), max_length=10)
    emergency_accounts: tuple[Guid, ...] = Field(default=(), description="Entra object ids whose sign-in wakes somebody")
    anomalies: bool = True


class Security(Part):
    """Security services. `defender`: which of Defender for Cloud's plans are on in every subscription of the settings."""

    defender: Literal["off", "foundation", "full"] = "foundation"
    contact: Email | None = Field(default=None, description="who hears of Defender's findings; the budget's contacts where nobody is named")
    sentinel: bool = False
    connectors: tuple[Literal["defender-for-cloud", "identity-protection", "office-365"], ...] = ()
    # Azure takes this from a person only and from no pipeline (see docs/concepts/platform.md).
    entra_logs: bool = False


class Patching(Part):
    """When update manager patches servers, by their tag `environment`. Test servers come first, so that a bad patch shows there."""

    enabled: bool = True
    test_day: Day = "Tuesday"
    production_day: Day = "Sunday"
    starts_at: str = Field(default="02:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    from_date: date = date(2026, 12, 1)
