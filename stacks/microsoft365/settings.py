"""Settings of the Microsoft 365 stack: `Pulumi.microsoft365.yaml`."""

from __future__ import annotations

from pydantic import Field

from stacks.settings import Council, Guid, Settings


class Microsoft365Settings(Settings):
    """Persona groups. `dynamic` needs Entra ID P1 for every member; without it all members are named one by one."""

    council: Council
    tenant: Guid
    personas: str = Field(default="stacks/microsoft365/personas.toml", description="the file that lists personas")
    dynamic: bool = True
    owners: tuple[Guid, ...] = Field(min_length=1, description="ids of the people who answer for the groups")
    protect: bool = True
