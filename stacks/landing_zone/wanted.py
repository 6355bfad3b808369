"""What the landing zone is to be: settings and every file that they name, all of them checked together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from stacks.address_plan import FILE, overlaps, read_on_premise
from stacks.config import StackConfig
from stacks.errors import StacksError
from stacks.exceptions import citation_faults, read_exceptions
from stacks.landing_zone.agreed import Agreed, agreed
from stacks.landing_zone.chosen import chosen
from stacks.landing_zone.data import firewall_collections
from stacks.landing_zone.firewall_rules import Collection, OwnRules, Ranges, unknown_ranges
from stacks.landing_zone.links import CIRCUIT_CONTROL, Link, Links, ended
from stacks.landing_zone.people_data import jobs
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import Architecture
from stacks.own_files import read_file
from stacks.settings import Part, parse

F = TypeVar("F", bound=Part)
# At most 128 letters and digits: Microsoft's reference of Set-AzureVNetGatewayKey, read 2026-11-24. The lower bound is ours.
_KEY_LENGTH = (24, 128)


@dataclass(frozen=True)
class Wanted:
    """Everything is known to be right. `ranges` gives the addresses of every name that a rule may use."""

    settings: LandingZoneSettings
    architecture: Architecture
    ranges: Ranges
    rules: tuple[Collection, ...] = ()
    links: tuple[Link, ...] = ()
    agreed: Agreed = field(default_factory=Agreed)


def wanted(config: StackConfig) -> Wanted:
    """Read and check the configuration and the files that it names.

    Raises StacksError with all faults: those of the settings first, then those of each file, then what does not fit together.
    """
    settings = parse(config, LandingZoneSettings)
    faults = _addresses_in_use(config, settings)
    architecture = _chosen(config, settings, faults)
    rules = _read(config, settings.firewall.rules, OwnRules, "firewall.rules", faults)
    held = _read(config, settings.links, Links, "links", faults)
    links = held.link if held else ()
    ranges = _ranges(settings, rules, links)
    own = rules.collection if rules else ()
    faults += [f"{settings.firewall.rules}: {what}" for what in unknown_ranges(own, ranges)]
    faults += [f"{settings.links}: {what}" for what in unknown_ranges(collections_of(links), ranges)]
    if held:
        faults += [config.fault(key, what) for key, what in _key_faults(settings, links)]
        faults += [f"{settings.links}: {what}" for what in _link_faults(settings, links)]
        faults += _citations(config, settings, links)
    if settings.people and architecture:
        faults += [config.fault("people", what) for what in people_faults(architecture)]
    exemptions = agreed(config, settings, architecture, faults)
    if faults or architecture is None:
        raise StacksError(*dict.fromkeys(faults))
    return Wanted(settings, architecture, ranges, own, links, exemptions)


def people_faults(architecture: Architecture) -> Iterator[str]:
    """Management groups where people have roles and which this architecture does not have."""
    wanted_by = {group: job.id for job in jobs() for role in job.roles for group in role.groups}
    for group, job in wanted_by.items():
        if architecture.group(group) is None:
            yield f"{job} has roles at the management group {group}, which {architecture.source} does not have; remove people."


def _chosen(config: StackConfig, settings: LandingZoneSettings, faults: list[str]) -> Architecture | None:
    try:
        return chosen(config, settings)
    except StacksError as wrong:
        faults.extend(wrong.faults)
        return None


def _read(config: StackConfig, shown: str, form: type[F], setting: str, faults: list[str]) -> F | None:
    if not shown:
        return None
    try:
        return read_file(config.folder / shown, shown, form, setting)
    except StacksError as wrong:
        faults.extend(wrong.faults)
        return None


def _addresses_in_use(config: StackConfig, settings: LandingZoneSettings) -> list[str]:
    """Ranges of ours that the estate's servers, or anybody that a person stated, have already."""
    shown = settings.hub.on_premise_file or FILE
    try:
        held = read_on_premise(config.folder, settings.hub.on_premise_file)
    except StacksError as wrong:
        return list(wrong.faults)
    found = overlaps(settings.own_ranges(), held.network, shown) if held else ()
    return [config.fault(key, what) for key, what in found]


def _ranges(settings: LandingZoneSettings, rules: OwnRules | None, links: tuple[Link, ...]) -> dict[str, tuple[str, ...]]:
    """Names that rules may use: those of the settings, each link's id, and the firewall file's own."""
    hub = settings.hub
    directory = (settings.directory.address_space,) if settings.directory else ()
    ours = {"hub": (hub.address_space,), "spokes": (hub.spokes,), "on-premise": hub.on_premise, "directory": directory}
    everything = {**(rules.ranges if rules else {}), **{link.id: link.ranges for link in links}, **ours}
    return {name: tuple(str(n) for n in networks) for name, networks in everything.items()}


def _key_faults(settings: LandingZoneSettings, links: tuple[Link, ...]) -> Iterator[tuple[str, str]]:
    shortest, longest = _KEY_LENGTH
    needy = {link.id: link.kind for link in links if link.kind == "vpn"}
    for name in needy.keys() - settings.link_keys.keys():
        yield "link_keys", f"link {name} has no key. Run: pulumi config set --secret --path link_keys.{name}"
    for name, key in settings.link_keys.items():
        if name not in {link.id for link in links}:
            yield f"link_keys.{name}", f"no link in {settings.links} has this id; correct it or remove it."
        elif name in needy and not (shortest <= len(held := key.get_secret_value()) <= longest and held.isascii() and held.isalnum()):
            yield f"link_keys.{name}", f"a key has {shortest} to {longest} letters and digits; make a new one at both ends."


def _link_faults(settings: LandingZoneSettings, links: tuple[Link, ...]) -> Iterator[str]:
    ours = [(key, network) for key, network in settings.own_ranges().items() if network is not None]
    for link in links:
        for key, network in ours:
            for taken in (r for r in link.ranges if r.overlaps(network)):
                yield f"{taken} of {link.id} overlaps {key} {network}; choose another range for ours, or have theirs translated"
    if settings.judged_on:
        yield from ended(links, settings.judged_on)


def _citations(config: StackConfig, settings: LandingZoneSettings, links: tuple[Link, ...]) -> list[str]:
    on = settings.judged_on
    if on is None:
        return [config.fault("judged_on", "links have agreements that end; say on which day they are judged, such as 2026-12-01.")]
    cited = [link for link in links if link.exception]
    if not cited:
        return []
    try:
        register = read_exceptions(config.folder / settings.exceptions, settings.exceptions)
    except StacksError as wrong:
        return list(wrong.faults)
    return [
        f"{settings.links}, link {link.id}, key exception: {what}."
        for link in cited
        for what in citation_faults(link.exception, CIRCUIT_CONTROL, link.id, register, on)
    ]


def collections_of(links: tuple[Link, ...]) -> tuple[Collection, ...]:
    """What the links may pass."""
    return tuple(c for link in links if (c := link.collection))


def embedded_rules() -> tuple[Collection, ...]:
    """The rules that every landing zone has (firewall_rules.toml)."""
    return tuple(Collection.model_validate(c) for c in firewall_collections())
