"""Settings of the application landing zones: `Pulumi.workloads.yaml`."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from stacks.addresses import is_inside
from stacks.landing_zone.watching import DefenderLevel
from stacks.settings import Cidr, Council, CouncilId, Email, Guid, Part, Settings, first_of_month

# Where a new subscription is billed: an enrolment account (Enterprise Agreement), an invoice section (Microsoft Customer Agreement) or
# a partner's customer. Source: Microsoft.Subscription aliases 2024-08-01-preview, as azure-native 3.29.0 documents it; read 2026-11-24.
_BILLING_SCOPE = re.compile(
    r"/providers/Microsoft\.Billing/billingAccounts/[^/\s]+/"
    r"(enrollmentAccounts/[^/\s]+|billingProfiles/[^/\s]+/invoiceSections/[^/\s]+|customers/[^/\s]+)"
)


def _billing_scope(value: str) -> str:
    if not _BILLING_SCOPE.fullmatch(value):
        raise ValueError(
            f"{value} is not where Azure bills a subscription; write /providers/Microsoft.Billing/billingAccounts/ACCOUNT, then "
            "/enrollmentAccounts/NAME, /billingProfiles/NAME/invoiceSections/NAME or /customers/NAME"
        )
    return value


class Addresses(Part):
    """Where workloads get networks. `networks` fixes one for a workload; `reserved` keeps ranges free.

    `range` and `further` are the council's own; where several councils share the platform, `councils` has each other one's ranges.
    """

    range: Cidr
    further: tuple[Cidr, ...] = Field(default=(), description="ranges to use when the first is full")
    councils: dict[CouncilId, tuple[Cidr, ...]] = Field(default={}, description="council id to its ranges")
    prefix: int = Field(default=25, ge=20, le=26, description="the length of one workload's network")
    networks: dict[str, Cidr] = Field(default={}, description="workload id to its network")
    reserved: tuple[Cidr, ...] = ()
    own_public: tuple[Cidr, ...] = Field(default=(), description="public ranges that the council has and uses inside")

    @model_validator(mode="after")
    def _networks_are_apart(self) -> Addresses:
        named = [(f"networks.{w}", n) for w, n in self.networks.items()]
        ranges = [*named, *((f"reserved[{i}]", n) for i, n in enumerate(self.reserved))]
        faults = [f"{a} {x} overlaps {b} {y}" for i, (a, x) in enumerate(named) for b, y in ranges[i + 1 :] if x.overlaps(y)]
        spaces = self._spaces()
        faults += [f"{a} {x} overlaps {b} {y}" for i, (a, x) in enumerate(spaces) for b, y in spaces[i + 1 :] if x.overlaps(y)]
        faults += [f"{a} {x} is not within range {self.shown}" for a, x in named if not self.holds(x)]
        faults += [f"{a} {x} is too small; give it a /26 or larger" for a, x in named if x.prefixlen > 26]
        faults += [f"{a} {x} is somebody's on the internet and not in own_public" for a, x in spaces if not is_inside(x, self.own_public)]
        if faults:
            raise ValueError(f"{'; '.join(faults)}; choose networks that nothing else uses")
        return self

    def _spaces(self) -> list[tuple[str, IPv4Network]]:
        own = [("range", self.range), *((f"further[{i}]", n) for i, n in enumerate(self.further))]
        return own + [(f"councils.{c}[{i}]", n) for c, held in self.councils.items() for i, n in enumerate(held)]

    def of(self, council: str) -> tuple[IPv4Network, ...]:
        """The ranges of a council; the platform's own council has an entry only where its name is given."""
        return self.councils.get(council, (self.range, *self.further))

    def holds(self, network: IPv4Network) -> bool:
        """Whether the network lies in one of the ranges, whosever it is."""
        return any(network.subnet_of(space) for _, space in self._spaces())

    @property
    def shown(self) -> str:
        """Every range, as a sentence names them."""
        return " or ".join(str(space) for _, space in self._spaces())


class Administrators(Part):
    """The Entra group whose members administer databases: there are no passwords to them."""

    group: str = Field(min_length=1, max_length=120)
    id: Guid


class BudgetRules(Part):
    """Who hears of a workload's budget, and from when. The amount stands in its request."""

    starts_on: Annotated[date, AfterValidator(first_of_month)]
    contacts: tuple[Email, ...] = Field(min_length=1)
    percentages: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = Field(default=(50, 80, 100), min_length=1, max_length=4)


class Member(Part):
    """A council that shares the platform: its tags, who hears of its workloads, and where its shared workloads stand."""

    name: str = Field(min_length=1, max_length=80)
    owner: str = Field(min_length=1, max_length=120, description="the role that answers for its workloads")
    cost_centre: str = Field(min_length=1, max_length=40)
    tenant: Guid | None = Field(default=None, description="its Entra tenant, where that is not the platform's")
    subscription: Guid | None = Field(default=None, description="the subscription that its workloads share")
    contacts: tuple[Email, ...] = Field(default=(), description="who hears of its budgets and alerts; else those of budget")
    tags: dict[str, str] = Field(default={}, description="further tags of its workloads")


class Vending(Part):
    """How workloads come by subscriptions and by groups of people. `subscription` is what a request gets that names none."""

    subscription: Literal["shared", "new"] = "shared"
    billing_scope: Annotated[str, AfterValidator(_billing_scope)] | None = Field(
        default=None, description="where new subscriptions are billed"
    )
    defender: DefenderLevel = Field(default="full", description="the Defender plans of workloads' own subscriptions")
    patching: bool = Field(default=True, description="whether their servers are patched in the landing zone's windows")
    group_owners: tuple[Guid, ...] = Field(
        default=(), max_length=100, description="who answers for the Entra groups made for each workload; none are made where nobody does"
    )


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
    vending: Vending = Vending()
    councils: dict[CouncilId, Member] = Field(default={}, description="council id to each other council that shares the platform")
    database_administrators: Administrators | None = None
    ssh_public_key: str | None = Field(default=None, pattern=r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) \S+")
    windows_password: SecretStr | None = Field(default=None, min_length=14)
    mysql_password: SecretStr | None = Field(default=None, min_length=14)
    flow_logs: bool = Field(default=True, description="whether who speaks with whom is kept, where the landing zone keeps flows")
    access: dict[str, Guid] = Field(default={}, description="workload id to the Entra group that looks after it")
    hybrid_benefit: bool = False
    protect: bool = True

    @model_validator(mode="after")
    def _councils_are_whole(self) -> Self:
        faults = [f"councils.{self.council.id} is the platform's own council, which stands under council; remove it"] * (
            self.council.id in self.councils
        )
        faults += [
            f"councils.{c} has no ranges; add them as addresses.councils.{c}" for c in self.councils if not self.addresses.councils.get(c)
        ]
        faults += [
            f"addresses.councils.{c} is no council's; add councils.{c}, or remove it"
            for c in self.addresses.councils
            if c not in self.councils
        ]
        shared = [self.subscription, *(m.subscription for m in self.councils.values() if m.subscription)]
        faults += [
            f"subscription {s} is shared by the workloads of more than one council"
            for s in sorted({s for s in shared if shared.count(s) > 1})
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self
