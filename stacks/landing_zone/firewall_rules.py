"""What may pass the firewall, as data: ours, the council's own (format: docs/reference/files.md), and those of links.

Everything that no rule allows is refused, so there are rules to allow and none to deny. Limits of priorities and of names:
Microsoft Learn, "Azure Firewall rule processing logic" (priorities 100 to 65,000; names of at most 80 letters, digits,
underscores, periods and hyphens), read 2026-11-24.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from stacks.settings import Cidr, Part

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$")]
Ranges = Mapping[str, Sequence[str]]
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)


def _ports(value: str) -> str:
    low, dash, high = value.partition("-")
    numbers = [low, high] if dash else [low]
    if value != "*" and not all(n.isdigit() and 1 <= int(n) <= 65_535 for n in numbers):
        raise ValueError(f"{value} is no port; write a number from 1 to 65535, or two with a dash between them")
    if dash and int(low) > int(high):
        raise ValueError(f"{value} runs backwards; write {high}-{low}")
    return value


Ports = Annotated[str, AfterValidator(_ports)]
Protocol = Literal["TCP", "UDP", "ICMP"]


class Rule(Part):
    """One thing that is allowed. `from` and `to` name ranges; `to_names` hosts; `to_services` and `tags` are Azure's own words."""

    name: Name
    from_: tuple[str, ...] = Field(alias="from", min_length=1, description="names of the ranges that may ask")
    to: tuple[str, ...] = ()
    to_names: tuple[str, ...] = ()
    to_services: tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]+(\.[A-Za-z0-9]+)?$")], ...] = ()
    tags: tuple[str, ...] = ()
    protocols: tuple[Protocol, ...] = ()
    ports: tuple[Ports, ...] = ()
    why: str = Field(default="", max_length=300)


class Collection(Part):
    """Rules of one kind: network (addresses and ports) or application (names of hosts, over HTTPS)."""

    name: Name
    priority: int = Field(ge=100, le=65_000)
    kind: Literal["network", "application"]
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rules_are_of_the_kind(self) -> Collection:
        judge = _network_faults if self.kind == "network" else _application_faults
        faults = [f"rule {rule.name} {what}" for rule in self.rules for what in judge(rule)]
        names = [rule.name for rule in self.rules]
        faults += [f"two rules are called {name}; give each a name of its own" for name in sorted({n for n in names if names.count(n) > 1})]
        if faults:
            raise ValueError("; ".join(faults))
        return self


class OwnRules(Part):
    """The council's own file. Every rule says why it is there; `ranges` gives names to addresses."""

    format: Literal["cloud-unless/firewall-rules/1"]
    ranges: dict[str, tuple[Cidr, ...]] = Field(default={}, description="a name to the addresses that it stands for")
    collection: tuple[Collection, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _collections_are_apart(self) -> OwnRules:
        faults = list(priority_faults(self.collection))
        faults += [f"rule {r.name} of {c.name} does not say why; add a reason" for c in self.collection for r in c.rules if not r.why]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def priority_faults(collections: Sequence[Collection]) -> Iterator[str]:
    """Two collections of one name or one priority: Azure takes neither."""
    for i, one in enumerate(collections):
        for other in collections[i + 1 :]:
            if one.name == other.name:
                yield f"two collections are called {one.name}; give each a name of its own"
            if one.priority == other.priority:
                yield f"collections {one.name} and {other.name} both have priority {one.priority}; give each a priority of its own"


def unknown_ranges(collections: Sequence[Collection], known: Ranges) -> Iterator[str]:
    """A sentence for each name of a range that nothing has, wherever it stands."""
    for collection in collections:
        for rule in collection.rules:
            for name in (*rule.from_, *rule.to):
                if name not in known:
                    near = difflib.get_close_matches(name, known, n=1)
                    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}."
                    yield f"rule {rule.name} of {collection.name} names the range {name}, which there is not; {hint}"


def _network_faults(rule: Rule) -> Iterator[str]:
    if not (rule.to or rule.to_names or rule.to_services):
        yield "says nowhere to go; add to, to_names or to_services"
    if rule.tags:
        yield "has tags, which only an application collection knows; move it there"
    for name in rule.to_names:
        if not _HOST.fullmatch(name):
            yield f"goes to {name}, and a network rule takes whole names of hosts only; use an application collection for *"
    if not rule.protocols or not rule.ports:
        yield "lacks protocols or ports; name both"
    if "*" in rule.ports and rule.protocols != ("ICMP",):
        yield "opens every port; name those that it needs"


def _application_faults(rule: Rule) -> Iterator[str]:
    if not (rule.to_names or rule.tags):
        yield "says nowhere to go; add to_names or tags"
    if rule.to or rule.to_services or rule.protocols or rule.ports:
        yield "has to, to_services, protocols or ports, which only a network collection knows (an application rule is HTTPS); move it there"
    for name in rule.to_names:
        if not _HOST.fullmatch(name.removeprefix("*.")):
            yield f"goes to {name}, which is no name of a host; write one such as www.example.gov.uk or *.example.gov.uk"
