"""Links to the council's own sites and to partners, as data (format: docs/reference/files.md): who, why, until when, what may pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from stacks.landing_zone.firewall_rules import Collection, Name, Ports, Protocol, Rule
from stacks.settings import Cidr, Part

Words = Annotated[str, Field(min_length=1, max_length=200)]
# What an exception must waive for a link that is not the internet's: the control (policies/controls/network_edge.py).
CIRCUIT_CONTROL = "connections-run-over-the-internet"
# Azure's own for VPN gateways and virtual hubs. Source: Microsoft Learn, "About BGP with VPN Gateway", read 2026-11-24.
AZURE_ASN = 65_515


def _public(value: str) -> str:
    try:
        address = IPv4Address(value)
    except ValueError:
        if "." not in value or " " in value:
            raise ValueError(f"{value} is neither an address nor the name of a host") from None
        return value
    if address.is_private and not address.is_reserved and not _is_documentation(address):
        raise ValueError(f"{value} is a private address; write the device's public one")
    return value


def _is_documentation(address: IPv4Address) -> bool:
    """RFC 5737: in examples and tests they stand for public addresses."""
    return any(address in IPv4Network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))


class Allowed(Part):
    """Something that may pass: `in` from the far end to `ours` (names of ranges), `out` the other way."""

    name: Name
    direction: Literal["in", "out"]
    ours: tuple[str, ...] = Field(min_length=1, description="names of our ranges: hub, spokes, or the firewall file's own")
    protocols: tuple[Protocol, ...] = Field(min_length=1)
    ports: tuple[Ports, ...] = Field(min_length=1)


class Routing(Part):
    """The far end's BGP speaker, where routes are learnt and not written down."""

    asn: int = Field(ge=1, le=4_294_967_294)
    address: Annotated[IPv4Address, Field(description="the far end's BGP address, inside the tunnel")]


class Link(Part):
    """One link. `gateway` is a VPN device's public address or name; `circuit` an ExpressRoute circuit's id; `service` a Private Link's."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    who: Words
    purpose: Words
    kind: Literal["vpn", "express-route", "private-link"]
    party: Literal["own", "nhs", "police", "council", "supplier", "other"]
    ranges: tuple[Cidr, ...] = ()
    gateway: Annotated[str, AfterValidator(_public)] | None = None
    circuit: Annotated[str, Field(pattern=r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/expressRouteCircuits/[^/]+$")] | None = None  # fmt: skip # noqa: E501
    service: Annotated[str, Field(pattern=r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/privateLinkServices/[^/]+$")] | None = None  # fmt: skip # noqa: E501
    bgp: Routing | None = None
    agreement: Words
    ends_on: date
    exception: str = ""
    priority: int | None = Field(default=None, ge=100, le=65_000)
    allow: tuple[Allowed, ...] = ()

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Link:
        faults = [*_kind_faults(self), *_allow_faults(self)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def collection(self) -> Collection | None:
        """What the link may pass, as a collection of firewall rules; its own range bears its id."""
        if not self.allow or self.priority is None:
            return None
        return Collection(name=f"link-{self.id}", priority=self.priority, kind="network", rules=tuple(self._rule(a) for a in self.allow))

    def _rule(self, allowed: Allowed) -> Rule:
        ends = (allowed.ours, (self.id,)) if allowed.direction == "out" else ((self.id,), allowed.ours)
        return Rule.model_validate(
            {
                "name": allowed.name,
                "from": ends[0],
                "to": ends[1],
                "protocols": allowed.protocols,
                "ports": allowed.ports,
                "why": self.agreement,
            }
        )


class Links(Part):
    """The file."""

    format: Literal["cloud-unless/links/1"]
    link: tuple[Link, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _links_are_apart(self) -> Links:
        faults = list(_clashes(self.link))
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _kind_faults(link: Link) -> Iterator[str]:
    needs = {"vpn": "gateway", "express-route": "circuit", "private-link": "service"}
    for kind, field in needs.items():
        given = getattr(link, field) is not None
        if kind == link.kind and not given:
            yield f"a link of kind {kind} needs {field}; add it"
        if kind != link.kind and given:
            yield f"{field} belongs to a link of kind {kind}; remove it"
    if link.kind != "private-link" and not link.ranges:
        yield "it needs ranges, the addresses at the far end; add them"
    if link.kind == "private-link" and (link.ranges or link.allow):
        yield "through a private link one service is reached, and no range; remove ranges and allow"
    if link.kind == "express-route" and not link.exception:
        yield f"a private circuit departs from the golden rules; cite in exception the register's entry that waives {CIRCUIT_CONTROL}"
    if link.bgp and link.kind != "vpn":
        yield "only a VPN says bgp; a circuit always speaks it; remove it"
    if link.bgp and link.bgp.asn == AZURE_ASN:
        yield f"asn {AZURE_ASN} is Azure's own; use another"


def _allow_faults(link: Link) -> Iterator[str]:
    names = [a.name for a in link.allow]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        yield f"{', '.join(twice)} is allowed more than once; give each a name of its own"
    if link.allow and link.priority is None:
        yield "what it allows needs a priority among the links' rules; add one from 100 to 65000"
    for allowed in link.allow:
        if "*" in allowed.ports and allowed.protocols != ("ICMP",):
            yield f"{allowed.name} opens every port; name those that it needs"


def _clashes(links: Sequence[Link]) -> Iterator[str]:
    for i, one in enumerate(links):
        for other in links[i + 1 :]:
            if one.id == other.id:
                yield f"two links are called {one.id}; give each an id of its own"
            if one.priority is not None and one.priority == other.priority:
                yield f"links {one.id} and {other.id} both have priority {one.priority}; give each its own"
            for x, y in ((x, y) for x in one.ranges for y in other.ranges if x.overlaps(y)):
                yield f"{x} of {one.id} overlaps {y} of {other.id}; a packet can take one way only"


def ended(links: Sequence[Link], on: date) -> Iterator[str]:
    """A sentence for each link whose agreement has ended."""
    for link in links:
        if link.ends_on < on:
            yield f"the agreement of {link.id} ({link.agreement}) ended on {link.ends_on}; renew it and its date, or remove the link"
