"""Writes docs/reference/access.md, who may do what, from the files that say so: `python -m console.access [--check]`."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stacks.bootstrap import deployer
from stacks.bootstrap.template import facts
from stacks.components.grants import granted
from stacks.landing_zone.data import authorisations
from stacks.landing_zone.embedded import embedded
from stacks.landing_zone.identities import identity_roles
from stacks.landing_zone.people_data import emergency, jobs, standing_why
from stacks.workloads.data import eligible_for, roles

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "access.md"
BY_HAND = Path(__file__).with_name("access.toml")
# Whom the embedded architecture is listed for: the fictional council of the examples.
_COUNCIL = "exb"
_AT = "the council's management group"
_DEPLOY = "stacks/bootstrap/deploy.toml"


@dataclass(frozen=True, slots=True)
class Access:
    """One thing that somebody may do: a row of the page. `said` is the file that says so."""

    who: str
    gets: str
    where: str
    held: str
    why: str
    said: str


def platform_people() -> Iterator[Access]:
    """Groups of the platform's people, and the accounts for emergencies."""
    said = "stacks/landing_zone/people.toml"
    for job in jobs():
        for role in job.roles:
            approved = ", approved" if role.approval else ""
            held = f"eligible{approved}, {in_words(role.most)} at a time" if role.most else "standing"
            where = ", ".join(f"`{group}`" if group else "the council's management group" for group in role.groups)
            title = f"{role.title} (a role of our own)" if role.custom else role.title
            yield Access(f"the group of {job.title}", title, where, held, role.why, said)
    account = emergency()
    who = f"each of at least {account.least} accounts for emergencies"
    yield Access(who, account.title, "the Entra tenant", "standing", account.why, said)


def in_words(duration: str) -> str:
    """PT4H is 4 hours, P365D is 365 days; of ISO 8601 no more is used here."""
    days, hours = duration.removeprefix("P").partition("T")[::2]
    return f"{days.removesuffix('D')} days" if days else f"{hours.removesuffix('H')} hours"


def workload_people() -> Iterator[Access]:
    """A workload's groups, and people of the platform in subscriptions of other tenants."""
    for role in roles():
        held = f"eligible, for {in_words(eligible_for())}" if role.eligible else "standing"
        who = f"{role.people} of a workload" + (f" that has a {role.needs}" if role.needs else "")
        yield Access(who, role.title, "the workload's resource group", held, role.why, "stacks/workloads/roles.toml")
    for given in authorisations():
        held = f"eligible, {in_words(given.most)} at a time" if given.most else "standing"
        who = f"{given.people} of the platform, in a council with a tenant of its own"
        yield Access(who, given.title, "each delegated subscription", held, given.why, "stacks/landing_zone/delegations.toml")


def component_identities() -> Iterator[Access]:
    """What components give."""
    for grant in granted():
        yield Access(grant.who, grant.title, grant.scope, "standing", grant.why, "stacks/components/grants.toml")


def policy_identities() -> Iterator[Access]:
    """What identities of our own architecture's policy assignments get; those of each tag the same, so told of once."""
    for line in identity_roles(embedded(("*",)), _COUNCIL):
        group = line.group.removeprefix(_COUNCIL).removeprefix("-")
        where = f"`{group}`" if group else "the council's management group"
        yield Access(
            f"the identity of `{line.assignment}`", line.role_name, where, "standing", line.why, "stacks/landing_zone/assignments.toml"
        )


def of_preview() -> Iterator[Access]:
    """What the identity of a pipeline's previews gets."""
    said = deployer.held()["preview"]
    yield Access("the identity `preview`", said["role"], _AT, "standing", said["why"], _DEPLOY)
    yield from _of_state()


def of_up() -> Iterator[Access]:
    """What the identity that goes up gets: a role of our own, line by line."""
    title = f"{deployer.held()['up']['title']} (a role of our own)"
    for may in deployer.all_of():
        listed = ", ".join(f"`{a}`" for a in may.actions)
        stacks = " or ".join(f"`{s}`" for s in may.stacks)
        yield Access(f"the identity `up`, for {stacks}", f"of {title}: {listed}", _AT, "standing", may.why, _DEPLOY)


def _of_state() -> Iterator[Access]:
    where = {"container": "the container of Pulumi's own state", "key": "the key that encrypts Pulumi's state"}
    for grant in facts()["grant"]:
        why = f"{grant['why'][0].upper()}{grant['why'][1:]}."
        yield Access("the identities `preview` and `up`", grant["role"], where[grant["on"]], "standing", why, "stacks/bootstrap/facts.toml")


@cache
def _by_hand() -> dict[str, Any]:
    return tomllib.loads(BY_HAND.read_text("utf-8"))


def by_hand(part: str) -> Iterator[Access]:
    """What people give by hand, of one part of access.toml."""
    for held in _by_hand()["access"]:
        if held["part"] == part:
            yield Access(**{k: v for k, v in held.items() if k != "part"}, said="console/access.toml")


def everything() -> Mapping[str, tuple[Access, ...]]:
    """Every row, by the heading that it stands under."""
    return {
        "Without a cloud": tuple(by_hand("nobody")),
        "People of the platform": tuple(platform_people()),
        "People of workloads and of other councils": tuple(workload_people()),
        "Preview": (*of_preview(), *by_hand("preview")),
        "Deploy": (*by_hand("deploy"), *of_up()),
        "Identities that components have": tuple(component_identities()),
        "Identities of policies": tuple(policy_identities()),
        "Runbook": tuple(by_hand("runbook")),
    }


def page() -> str:
    """The page as Markdown."""
    words = _by_hand()
    after = {**words["after"], "People of the platform": f"{standing_why()} {words['after']['People of the platform']}"}
    return words["head"] + "".join(_part(heading, rows, after.get(heading, "")) for heading, rows in everything().items())


def _part(heading: str, rows: Iterable[Access], after: str) -> str:
    table = "| who | gets | where | held | why | said in |\n|---|---|---|---|---|---|\n" + "".join(_row(r) for r in rows)
    return f"\n## {heading}\n\n{table}" + (f"\n{after}" if after else "")


def _row(row: Access) -> str:
    cells = (row.who, row.gets, row.where, row.held, row.why, f"`{row.said}`")
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say (exit code 1) that it is out of date."""
    if "--check" not in arguments:
        PAGE.write_text(page(), "utf-8")
        return 0
    return 0 if PAGE.is_file() and PAGE.read_text("utf-8") == page() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
