"""Settings of the first day: `bootstrap.toml`, checked whole."""

from __future__ import annotations

import tomllib
from collections import Counter
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from stacks.errors import StacksError
from stacks.faults import sentences
from stacks.settings import Cidr, CouncilId, Guid, Part, Region

_Text = Annotated[str, Field(pattern=r"^[^\s\[\]'\"\\]{1,250}$")]

# A name that people give in Azure DevOps, and one of a management group.
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}$")]
_GroupName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$")]


class GitHub(Part):
    """The repository whose pipelines may act. Its environment stands between a merge and `pulumi up`: people approve there."""

    repository: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", description="OWNER/NAME")
    environment: str = Field(default="production", pattern=r"^[A-Za-z0-9_-]{1,100}$")


class AzureDevOps(Part):
    """Service connections with workload identity federation, and the environment that stands between a merge and `pulumi up`."""

    preview_connection: _Name
    up_connection: _Name
    environment: _Name = "production"

    @model_validator(mode="after")
    def _connections_differ(self) -> AzureDevOps:
        if self.preview_connection == self.up_connection:
            raise ValueError("up_connection is preview_connection: a pull request would go up; make a service connection for each identity")
        return self


class Trust(Part):
    """Somebody else's token that an identity accepts, such as that of an Azure DevOps service connection, which shows both values."""

    identity: Literal["preview", "up"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,60}$")
    issuer: _Text
    subject: _Text

    @field_validator("issuer")
    @classmethod
    def _issuer_is_https(cls, value: str) -> str:
        if not value.startswith("https://"):
            raise ValueError(f"{value} does not begin with https://; copy the issuer as the service connection shows it")
        return value


class BootstrapSettings(Part):
    """Names, places and whom to trust. `subscription` is the management subscription of the platform."""

    council: CouncilId
    region: Region = "uksouth"
    subscription: Guid
    tenant: Guid
    storage_account: str = Field(pattern=r"^[a-z0-9]{3,24}$", description="unique in all of Azure")
    key_vault: str = Field(min_length=3, max_length=24, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", description="unique in all of Azure")
    network: Literal["private", "listed", "internet"]
    addresses: tuple[Cidr, ...] = ()
    keep_days: int = Field(default=90, ge=7, le=365)
    parent: _GroupName | None = Field(default=None, description="the management group above the council's own, else the tenant's root")
    stacks: tuple[Literal["landing-zone", "workloads"], ...] = Field(default=("landing-zone",), min_length=1)
    may_give: tuple[Guid, ...] = ()
    github: GitHub | None = None
    azure_devops: AzureDevOps | None = None
    trust: tuple[Trust, ...] = ()

    @field_validator("addresses")
    @classmethod
    def _addresses_are_public(cls, value: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
        if wrong := [str(n) for n in value if not n.is_global]:
            raise ValueError(
                f"{', '.join(wrong)}: nobody comes from the internet with such an address; a private network needs a private endpoint"
            )
        if wrong := [str(n) for n in value if n.prefixlen < 16]:
            raise ValueError(f"{', '.join(wrong)}: a range this wide is not a list of who may come; write ranges of /16 or narrower")
        return value

    @field_validator("parent")
    @classmethod
    def _parent_is_another(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and value == info.data.get("council"):
            raise ValueError(f"{value} is the council's own management group; name the one above it, or leave it out for the tenant's root")
        return value

    @model_validator(mode="after")
    def _network_and_addresses_agree(self) -> BootstrapSettings:
        if (self.network == "listed") != bool(self.addresses):
            raise ValueError('addresses and network = "listed" belong together: give both, or neither')
        names = Counter((t.identity, t.name) for t in self.trust)
        if twice := sorted(f"{name} of {identity}" for (identity, name), count in names.items() if count > 1):
            raise ValueError(f"trust {', '.join(twice)} stands twice; give each a name of its own")
        return self


def read_settings(file: Path) -> BootstrapSettings:
    """Read the settings. Raises StacksError with one sentence for each fault, naming file and key."""
    try:
        held: dict[str, Any] = tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError as wrong:
        raise StacksError(f"{file} is not there. Write it as docs/guides/bootstrap.md shows.") from wrong
    except OSError as wrong:
        raise StacksError(f"{file} cannot be read ({wrong.strerror}). Look at the path and its permissions.") from wrong
    except (ValueError, RecursionError) as wrong:
        raise StacksError(f"{file} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    try:
        return BootstrapSettings.model_validate(held)
    except ValidationError as wrong:
        found = sentences(BootstrapSettings, wrong)
        raise StacksError(*(f"{file}, key {key}: {what}" if key else f"{file}: {what}" for key, what in found)) from wrong
