"""Names: zones of the private network that somebody can ask, and zones of the internet that nobody can forge."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, any_of, fails, passes
from policies.demands import only_where
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references, unknowns

_PRIVATE: Final = ("azure-native:privatedns:PrivateZone",)
_PUBLIC: Final = ("azure-native:dns:Zone",)


def _is_named_by(types: tuple[str, ...], path: str, own: str, what: str) -> Judge:
    """Some resource of these types must name the zone at `path`, by what it is made from or by the name at `own`."""

    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        held = references(portfolio, types, path)
        mine = held.to(subject, at(subject).text(own) or subject.name)
        lacking = fails(f"{subject.name} has no {what} of its own among the resources judged.")
        return any_of([*(lambda s=s: passes(f"{s.name} is its {what}.") for s in mine), *unknowns(held)], lacking)

    return judge


def _is_public(zone: Place) -> bool:
    """SDK: a zone is public or private; one that says nothing is public."""
    return not same(zone.text("zoneType"), "Private")


CONTROLS = (
    Control(
        id="private-zones-are-linked",
        title="Private zones are linked to a network, so that their names are found",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_PRIVATE,
        judge=_is_named_by(("azure-native:privatedns:VirtualNetworkLink",), "privateZoneName", "privateZoneName", what="link to a network"),
        remedy="Add a privatedns.VirtualNetworkLink of the zone to the hub's network.",
        looks_around=True,
    ),
    Control(
        id="public-zones-are-signed",
        title="Zones that the internet asks are signed, so that their names cannot be forged",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_PUBLIC,
        judge=only_where(
            _is_public,
            "The zone is a private one.",
            _is_named_by(("azure-native:dns:DnssecConfig",), "zoneName", "zoneName", what="signature"),
        ),
        remedy="Add a dns.DnssecConfig of the zone, and give its record to the registrar.",
        mandatory=False,
        looks_around=True,
    ),
)
