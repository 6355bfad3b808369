"""A workload's people: groups in Entra, or one that exists, with the roles of roles.toml on its resource group and nothing else.

While the workload is being decommissioned the groups stay, with no roles: should it go back, its people need not be gathered again.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azuread as azuread
from pulumi_azure_native import authorization

from stacks.components import access
from stacks.components.propagation import Kind, Patience
from stacks.request import Request
from stacks.workloads.data import Role, eligible_for, roles

_ROLE = "/providers/Microsoft.Authorization/roleDefinitions/"


@dataclass(frozen=True)
class PeoplePlan:
    """`existing` is a group's id, for operators; else groups named after `council` are made, which `owners` answer for."""

    council: str
    existing: str
    owners: tuple[str, ...]
    protect: bool
    entra: pulumi.ProviderResource | None
    patience: Patience


class People(pulumi.ComponentResource):
    """The groups of one workload. `groups` by people (operators, builders): the id of each."""

    def __init__(self, request: Request, plan: PeoplePlan, scope: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:workloads:People", f"{request.id}-people", None, opts)
        self._request, self._plan, self._scope, self._workload = request, plan, scope, opts.parent
        self.groups: dict[str, pulumi.Input[str]] = {"operators": plan.existing} if plan.existing else self._made()
        for role in roles() if request.state == "live" else ():
            if role.people in self.groups and _is_needed(role, request):
                self._give(role, self.groups[role.people])
        self.register_outputs({"groups": self.groups})

    def _made(self) -> dict[str, pulumi.Input[str]]:
        if not self._plan.owners:
            return {}
        return {people: self._group(people).object_id for people in dict.fromkeys(r.people for r in roles())}

    def _group(self, people: str) -> azuread.Group:
        name = f"{self._plan.council}-{self._request.id}-{people}"
        what = "; ".join(r.title for r in roles() if r.people == people)
        return azuread.Group(
            name,
            display_name=name,
            description=f"{self._request.name}, {people}: {what}."[:1024],
            security_enabled=True,
            mail_enabled=False,
            assignable_to_role=False,
            prevent_duplicate_names=True,
            owners=list(self._plan.owners),
            # People come and go in the directory: who is in the group is not for this stack to say.
            opts=pulumi.ResourceOptions(parent=self, provider=self._plan.entra, protect=self._plan.protect, ignore_changes=["members"]),
        )

    def _give(self, role: Role, group: pulumi.Input[str]) -> None:
        name = f"{self._request.id}-{role.id}"
        # A group that was just made is not known everywhere yet.
        hooks = self._plan.patience.hooks(Kind.ROLE)
        if not role.eligible:
            # Before there were components of people, a workload held these itself.
            former = [pulumi.Alias(parent=self._workload)] if self._workload else None
            access.grant(name, role.role, group, self._scope, pulumi.ResourceOptions(parent=self, aliases=former, hooks=hooks))
            return
        authorization.PimRoleEligibilitySchedule(
            f"{name}-eligible",
            principal_id=group,
            role_definition_id=f"{_ROLE}{role.role}",
            scope=self._scope,
            justification=role.why,
            schedule_info=authorization.RoleEligibilityScheduleRequestPropertiesScheduleInfoArgs(
                expiration=authorization.RoleEligibilityScheduleRequestPropertiesExpirationArgs(
                    type=authorization.Type.AFTER_DURATION, duration=eligible_for()
                )
            ),
            opts=pulumi.ResourceOptions(parent=self, hooks=hooks),
        )


def _is_needed(role: Role, request: Request) -> bool:
    return not role.needs or bool(getattr(request, role.needs))
