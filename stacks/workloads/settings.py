"""Settings of the application landing zones: `Pulumi.workloads.yaml`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from stacks.settings import Cidr, Council, Email, Guid, Part, Settings, first_of_month


class Addresses(Part):
    """Where workloads get networks. `networks` fixes one for a workload; `reserved` keeps ranges free."""

    range: Cidr
    prefix: int = Field(default=25, ge=20, le=26, description="the length of one workload's network")
    networks: dict[str, Cidr] = Field(default={}, description="workload id to its network")
    reserved: tuple[Cidr, ...] = ()

    @model_validator(mode="after")
    def _networks_are_apart(self) -> Addresses:
        named = [(f"networks.{w}", n) for w, n in self.networks.items()]
        ranges = [*named, *((f"reserved[{i}]", n) for i, n in enumerate(self.reserved))]
        faults = [f"{a} {x} overlaps {b} {y}" for i, (a, x) in enumerate(named) for b, y in ranges[i + 1 :] if x.overlaps(y)]
        faults += [f"{a} {x} is not within range {self.range}" for a, x in named if not x.subnet_of(self.range)]
        faults += [f"{a} {x} is too small; give it a /26 or larger" for a, x in named if x.prefixlen > 26]
        if faults:
            raise ValueError(f"{'; '.join(faults)}; choose networks that nothing else uses")
        return self


class Administrators(Part):
    """The Entra group whose members administer databases: there are no passwords to them."""

    group: str = Field(min_length=1, max_length=120)
    id: Guid


class BudgetRules(Part):
    """Who hears of a workload's budget, and from when. The amount stands in its request."""

    starts_on: Annotated[date, AfterValidator(first_of_month)]
    contacts: tuple[Email, ...] = Field(min_length=1)
    percentages: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = Field(default=(50, 80, 100), min_length=1, max_length=4)


class WorkloadsSettings(Settings):
    """The application landing zones of every request."""

    council: Council
    tenant: Guid
    subscription: Guid = Field(description="the id of the subscription that workloads are built in")
    landing_zone: str = Field(pattern=r"^[^/\s]+/[^/\s]+/[^/\s]+$", description="organization/project/stack of the landing zone")
    network: Literal["hub", "virtual-wan"] = Field(default="hub", description="as in the landing zone's settings")
    requests: str = "stacks/requests"
    addresses: Addresses
    budget: BudgetRules
    database_administrators: Administrators | None = None
    ssh_public_key: str | None = Field(default=None, pattern=r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) \S+")
    windows_password: SecretStr | None = Field(default=None, min_length=14)
    mysql_password: SecretStr | None = Field(default=None, min_length=14)
    access: dict[str, Guid] = Field(default={}, description="workload id to the Entra group that looks after it")
    hybrid_benefit: bool = False
    protect: bool = True
