"""Settings of the platform landing zone: `Pulumi.landing-zone.yaml`. Secure unless it says otherwise."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal, cast

from pydantic import Field, SecretStr, model_validator

from stacks.landing_zone import council_settings, people_settings, refused
from stacks.landing_zone.architecture_settings import Architecture, Enforcement, RoleChange, Twin
from stacks.landing_zone.data import groups, least_hub_prefix
from stacks.landing_zone.directory_settings import Directory
from stacks.landing_zone.monitoring_settings import Alerts, Patching, Security
from stacks.landing_zone.network_settings import FlowLogs, Forwarding, Gateways, NetworkKind
from stacks.landing_zone.tiers import defaults_of, with_defaults
from stacks.settings import Budget, Cidr, Council, CouncilId, Guid, Part, Region, Settings

# Source: Microsoft Learn, "Use tags to organize your Azure resources" (limitations), as of 2025-08.
TagName = Annotated[str, Field(pattern=r"^[^<>%&\\?/]{1,512}$")]


class Tier(StrEnum):
    """How much platform a council pays for: tiers.toml says what each contains."""

    SMALL = "small"
    STANDARD = "standard"
    SHARED = "shared"


JOBS = ("management", "connectivity", "identity", "security")


class Subscriptions(Part):
    """Ids of subscriptions that exist. Of the platform's, a small council names `platform`, a standard one all four jobs."""

    platform: Guid | None = None
    management: Guid | None = None
    connectivity: Guid | None = None
    identity: Guid | None = None
    security: Guid | None = None
    corp: tuple[Guid, ...] = ()
    online: tuple[Guid, ...] = ()
    sandbox: tuple[Guid, ...] = ()
    decommissioned: tuple[Guid, ...] = ()
    others: dict[str, tuple[Guid, ...]] = Field(default={}, description="subscriptions in further groups of the architecture, by group")


class Hub(Part):
    """Addresses. `spokes` is what workloads are given networks from; `on_premise` is what is in use already."""

    address_space: Cidr
    spokes: Cidr
    on_premise: tuple[Cidr, ...] = ()
    virtual_hub: Cidr | None = Field(default=None, description="the virtual hub's own range, where the network is a virtual WAN")
    own_public: tuple[Cidr, ...] = Field(default=(), description="public ranges that the council has and uses inside")
    on_premise_file: str = Field(default="", description="a file of networks in use, beside Pulumi.yaml")
    bastion: bool = False
    dns_resolver: bool = True
    dns_forwarding: tuple[Forwarding, ...] = Field(default=(), max_length=1000)
    # A DDoS Protection plan has a fixed monthly charge whatever it protects (see Azure's price list), so a council turns it on
    # knowing that; without it, Azure's free infrastructure protection stays.
    ddos_protection: bool = False

    @model_validator(mode="after")
    def _ranges_are_apart(self) -> Hub:
        ranges: list[tuple[str, IPv4Network]] = [("address_space", self.address_space), ("spokes", self.spokes)]
        ranges += [(f"on_premise[{i}]", held) for i, held in enumerate(self.on_premise)]
        clashes = [
            f"{a} {x} overlaps {b} {y}" for i, (a, x) in enumerate(ranges) for b, y in ranges[i + 1 :] if x.overlaps(y) and b[:2] != a[:2]
        ]
        if clashes:
            raise ValueError(f"{'; '.join(clashes)}; choose ranges that nothing else uses")
        if self.address_space.prefixlen > least_hub_prefix():
            raise ValueError(
                f"address_space {self.address_space} is too small for the hub's subnets; give it a /{least_hub_prefix()} or larger"
            )
        if self.dns_forwarding and not self.dns_resolver:
            raise ValueError("dns_forwarding needs dns_resolver, which is false; turn it on, or remove dns_forwarding")
        return self


class Firewall(Part):
    """The firewall that everything leaves through. Premium adds intrusion prevention."""

    tier: Literal["Standard", "Premium"] = "Standard"
    rules: str = Field(default="", description="a file of the council's own rules, beside Pulumi.yaml")


class Logs(Part):
    """How long logs are kept, and what a day may bring."""

    retention_days: int = Field(default=180, ge=30, le=730)
    daily_gigabytes: int | None = Field(default=None, ge=1, description="a ceiling on what is taken in each day")


class LandingZoneSettings(Settings):
    """The platform landing zone."""

    council: Council
    tier: Tier = Tier.STANDARD
    region: Region = "uksouth"
    tenant: Guid = Field(description="the id of the Entra tenant")
    subscriptions: Subscriptions
    network: NetworkKind = NetworkKind.HUB
    hub: Hub
    firewall: Firewall = Firewall()
    links: str = Field(default="", description="a file of links to own sites and partners, beside Pulumi.yaml")
    link_keys: dict[str, SecretStr] = Field(default={}, description="link id to its VPN's pre-shared key or its circuit's authorisation")
    gateways: Gateways = Gateways()
    flow_logs: FlowLogs = FlowLogs()
    exceptions: str = Field(default="policies/exceptions.toml", description="the exception register, beside Pulumi.yaml")
    longest_exemption_days: int = Field(default=365, ge=1, le=1096, description="the longest that Azure may be told to overlook a policy")
    judged_on: date | None = Field(default=None, description="the day on which agreements and exceptions are judged")
    logs: Logs = Logs()
    alerts: Alerts = Alerts()
    security: Security = Security()
    patching: Patching = Patching()
    directory: Directory | None = Field(default=None, description="a replica of directory services, while workloads need one")
    budget: Budget
    people: people_settings.People | None = Field(default=None, description="groups of the platform's people, and their roles")
    councils: dict[CouncilId, council_settings.SharingCouncil] = Field(default={}, description="other councils that share this platform")
    mandatory_tags: Annotated[tuple[TagName, ...], Field(min_length=1)] = (
        "owner",
        "service",
        "cost-centre",
        "classification",
        "environment",
    )
    architecture: Architecture = Architecture()
    watch_only: tuple[str, ...] = Field(default=(), description="policy assignments that report and do not refuse")
    enforcement: dict[str, Enforcement] = Field(default={}, description="when policy assignments begin to refuse, by name or group/name")
    policy_roles: dict[str, RoleChange] = Field(default={}, description="roles of policy assignments' identities, by name or group/name")
    twin: Twin | None = None
    protect: bool = True

    @model_validator(mode="before")
    @classmethod
    def _tier_fills_in(cls, given: object) -> object:
        """What nobody has said is as the tier has it."""
        if not isinstance(given, dict):
            return given
        held = cast("dict[str, Any]", given)
        return with_defaults(held, defaults_of(str(held.get("tier", Tier.STANDARD))))

    @model_validator(mode="after")
    def _subscriptions_fit_the_tier(self) -> LandingZoneSettings:
        faults = self._tier_faults() + self._twice() + self._ranges_twice() + self._network_faults()
        faults += council_settings.faults(self.councils, self.council.id, self.tenant, [g.id for g in groups()])
        faults += refused.faults(self)
        faults += people_settings.faults(self.people, self.alerts.emergency_accounts)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _tier_faults(self) -> list[str]:
        held = self.subscriptions
        wanted = ("platform",) if self.tier is Tier.SMALL else JOBS
        others = JOBS if self.tier is Tier.SMALL else ("platform",)
        missing = [f"tier {self.tier} needs subscriptions.{job}" for job in wanted if getattr(held, job) is None]
        return missing + [f"tier {self.tier} does not use subscriptions.{job}; remove it" for job in others if getattr(held, job)]

    def _twice(self) -> list[str]:
        ids = [sid for _, sid in (*self.placements(), *self.twin_placements())]
        return [f"subscription {sid} is named more than once" for sid in sorted({s for s in ids if ids.count(s) > 1})]

    def _network_faults(self) -> list[str]:
        held = self.hub.virtual_hub
        if self.network is NetworkKind.HUB:
            return ["hub.virtual_hub belongs to network virtual-wan; remove it"] if held else []
        if held is None:
            return ["network virtual-wan needs hub.virtual_hub, a /24 or larger; add it"]
        return [f"hub.virtual_hub {held} is too small; give it a /24 or larger"] if held.prefixlen > 24 else []

    def _ranges_twice(self) -> list[str]:
        """Ranges of ours that overlap; those of the hub are compared where they are set."""
        held = {k: n for k, n in self.own_ranges().items() if n is not None}
        taken = {**held, **{f"hub.on_premise[{i}]": n for i, n in enumerate(self.hub.on_premise)}}
        others = {k: n for k, n in held.items() if k not in ("hub.address_space", "hub.spokes")}
        return [
            f"{a} {x} overlaps {b} {y}; choose a range that nothing else uses"
            for a, x in others.items()
            for b, y in taken.items()
            # Two that are both compared are told of once.
            if b != a and x.overlaps(y) and not (b in others and b < a)
        ]

    def own_ranges(self) -> dict[str, IPv4Network | None]:
        """Every range that the cloud takes, by the key of its setting."""
        directory = self.directory.address_space if self.directory else None
        hub = {"hub.address_space": self.hub.address_space, "hub.spokes": self.hub.spokes}
        return {**hub, "hub.virtual_hub": self.hub.virtual_hub, "directory.address_space": directory}

    def subscription(self, job: str) -> str:
        """The subscription that does `job` of the platform."""
        return str(self.subscriptions.platform if self.tier is Tier.SMALL else getattr(self.subscriptions, job))

    def placements(self) -> tuple[tuple[str, str], ...]:
        """(management group, subscription) for every subscription. A small council's platform stands in `platform` itself."""
        held = self.subscriptions
        single = [(group, getattr(held, group)) for group in ("platform", *JOBS)]
        several = [(group, sid) for group in ("corp", "online", "sandbox", "decommissioned") for sid in getattr(held, group)]
        others = [(group, sid) for group, ids in held.others.items() for sid in ids]
        return tuple((g, s) for g, s in [*single, *several, *others, *council_settings.council_placements(self.councils)] if s)

    def twin_placements(self) -> tuple[tuple[str, str], ...]:
        """(management group, subscription) for every subscription that stands in the twin."""
        return tuple((group, sid) for group, ids in self.twin.subscriptions.items() for sid in ids) if self.twin else ()
