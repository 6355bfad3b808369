"""Settings of the platform's people: who answers for their groups, who approves, which groups exist, where the rules of activation are."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import Field

from stacks.landing_zone.people_data import eligible_roles, emergency, jobs
from stacks.settings import Guid, Part


class People(Part):
    """Groups by job (people.toml). `activation` names, by job/role, Azure's policy of how somebody becomes active in a role."""

    owners: tuple[Guid, ...] = Field(min_length=2, description="ids of the people who answer for the members of the groups")
    approvers: Guid | None = Field(default=None, description="the id of the group that says yes before an approved role is active")
    groups: dict[str, Guid] = Field(default={}, description="groups that exist, by job; those of protected jobs always do")
    activation: dict[str, Guid] = Field(default={}, description="names of role management policies, by job/role")


def faults(people: People | None, accounts: Collection[str]) -> Iterator[str]:
    """What cannot be: nobody who can get back in, a protected group that is not named, names that people.toml does not know."""
    if people is None:
        return
    yield from _emergency_faults(people, accounts)
    known = [j.id for j in jobs()]
    missing = [j.id for j in jobs() if j.protected and j.id not in people.groups]
    yield from (f"people.groups lacks {j}: make a group by hand that can hold Entra roles, and add its id" for j in missing)
    yield from (f"people.groups names {g}, which is no job; there are {', '.join(known)}" for g in people.groups if g not in known)
    yield from _activation_faults(people)


def _emergency_faults(people: People, accounts: Collection[str]) -> Iterator[str]:
    least = emergency().least
    if len(set(accounts)) < least:
        yield (
            f"people makes roles that have to be asked for, so somebody must be able to get back in when that fails: "
            f"name {least} accounts in alerts.emergency_accounts"
        )
    yield from (f"people.owners names {a}, an account for emergencies; name a person" for a in people.owners if a in accounts)


def _activation_faults(people: People) -> Iterator[str]:
    known = {f"{job.id}/{role.id}": role for job, role in eligible_roles()}
    for name in people.activation:
        if name not in known:
            yield f"people.activation names {name}, which nobody asks for; there are {', '.join(known)}"
        elif known[name].approval and people.approvers is None:
            yield f"people.activation.{name} needs somebody who says yes; add people.approvers"
