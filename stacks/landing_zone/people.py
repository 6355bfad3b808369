"""The platform's people: an Entra group for each job of people.toml, with roles that are read-only or asked for, and nothing else."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pulumi
import pulumi_azuread as azuread
from pulumi_azure_native import authorization

from stacks.components import access
from stacks.components.propagation import Kind, Patience
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.landing_zone.people_data import CustomRole, Job, JobRole, custom_roles, eligible_for, jobs
from stacks.landing_zone.people_settings import People
from stacks.landing_zone.settings import LandingZoneSettings

_ROLE = "/providers/Microsoft.Authorization/roleDefinitions/"


class PlatformPeople(pulumi.ComponentResource):
    """Groups, roles and the rules of activation. `groups` by job: the id of each."""

    def __init__(
        self, wanted: People, settings: LandingZoneSettings, hierarchy: Hierarchy, patience: Patience, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:landing-zone:People", "people", None, opts)
        self._wanted, self._settings, self._hierarchy, self._patience = wanted, settings, hierarchy, patience
        self._child = pulumi.ResourceOptions(parent=self)
        self._entra = azuread.Provider("entra", tenant_id=settings.tenant, opts=self._child)
        self.groups = {job.id: wanted.groups.get(job.id) or self._group(job) for job in jobs()}
        self._custom = {role.id: self._definition(role) for role in custom_roles()}
        for job in jobs():
            for role in job.roles:
                self._give(job, role)
        self.register_outputs({"groups": self.groups})

    def _group(self, job: Job) -> pulumi.Output[str]:
        name = f"{self._settings.council.id}-platform-{job.id}"
        made = azuread.Group(
            name,
            display_name=name,
            description=f"{self._settings.council.name}, {job.title}. {job.why}"[:1024],
            security_enabled=True,
            mail_enabled=False,
            assignable_to_role=False,
            prevent_duplicate_names=True,
            owners=list(self._wanted.owners),
            # People come and go in the directory: who is in the group is not for this stack to say.
            opts=pulumi.ResourceOptions(parent=self, provider=self._entra, protect=self._settings.protect, ignore_changes=["members"]),
        )
        return made.object_id

    def _definition(self, role: CustomRole) -> authorization.RoleDefinition:
        scope, council = self._hierarchy.groups[""].id, self._settings.council.id
        permission = authorization.PermissionArgs(actions=list(role.actions), not_actions=list(role.not_actions))
        return authorization.RoleDefinition(
            f"{role.id}-role",
            scope=scope,
            role_definition_id=self._custom_id(role.id),
            # Names of roles are one in a tenant.
            role_name=f"{role.title} ({council})",
            description=role.why,
            role_type="CustomRole",
            permissions=[permission],
            assignable_scopes=[scope],
            opts=pulumi.ResourceOptions(parent=self, hooks=self._patience.hooks(Kind.ROLE)),
        )

    def _custom_id(self, role: str) -> str:
        """A GUID, the same for the same role of the same council of a tenant, so that a second run finds it."""
        return str(uuid5(NAMESPACE_URL, f"cloud-unless/role/{self._settings.tenant}/{self._settings.council.id}/{role}"))

    def _role_id(self, role: JobRole) -> str:
        return role.role or self._custom_id(role.custom)

    def _give(self, job: Job, role: JobRole) -> None:
        # A group that was just made is not known everywhere yet.
        after = [self._custom[role.custom]] if role.custom else []
        opts = pulumi.ResourceOptions(parent=self, hooks=self._patience.hooks(Kind.ROLE), depends_on=after)
        for group in role.groups:
            name, scope = f"{job.id}-{role.id}-{group or 'council'}", self._hierarchy.groups[group].id
            if not role.most:
                access.grant(name, self._role_id(role), self.groups[job.id], scope, opts)
                continue
            rules = self._rules(name, f"{job.id}/{role.id}", role, scope)
            self._make_eligible(name, job, role, scope, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=rules)))

    def _make_eligible(self, name: str, job: Job, role: JobRole, scope: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        authorization.PimRoleEligibilitySchedule(
            f"{name}-eligible",
            principal_id=self.groups[job.id],
            role_definition_id=f"{_ROLE}{self._role_id(role)}",
            scope=scope,
            justification=role.why,
            schedule_info=authorization.RoleEligibilityScheduleRequestPropertiesScheduleInfoArgs(
                expiration=authorization.RoleEligibilityScheduleRequestPropertiesExpirationArgs(
                    type=authorization.Type.AFTER_DURATION, duration=eligible_for()
                )
            ),
            opts=opts,
        )

    def _rules(self, name: str, key: str, role: JobRole, scope: pulumi.Input[str]) -> list[pulumi.Resource]:
        """How somebody becomes active. Azure has one such policy already for each role at each scope, whose name nobody can foretell."""
        policy = self._wanted.activation.get(key)
        if policy is None:
            return []
        made = authorization.RoleManagementPolicy(
            f"{name}-activation",
            role_management_policy_name=policy,
            scope=scope,
            rules=[_lasts(role), _proves(), _is_approved(role, self._wanted.approvers)],
            opts=self._child,
        )
        return [made]


# Ids of rules and their targets: Microsoft Graph, unifiedRoleManagementPolicyRule, and Azure Resource Manager, roleManagementPolicies
# 2020-10-01; read 2026-11-25. Azure leaves rules that are not named as they are.
def _target() -> authorization.RoleManagementPolicyRuleTargetArgs:
    return authorization.RoleManagementPolicyRuleTargetArgs(caller="EndUser", operations=["All"], level="Assignment")


def _lasts(role: JobRole) -> authorization.RoleManagementPolicyExpirationRuleArgs:
    return authorization.RoleManagementPolicyExpirationRuleArgs(
        id="Expiration_EndUser_Assignment",
        rule_type=authorization.RoleManagementPolicyRuleType.ROLE_MANAGEMENT_POLICY_EXPIRATION_RULE,
        is_expiration_required=True,
        maximum_duration=role.most,
        target=_target(),
    )


def _proves() -> authorization.RoleManagementPolicyEnablementRuleArgs:
    needed = [authorization.EnablementRules.MULTI_FACTOR_AUTHENTICATION, authorization.EnablementRules.JUSTIFICATION]
    return authorization.RoleManagementPolicyEnablementRuleArgs(
        id="Enablement_EndUser_Assignment",
        rule_type=authorization.RoleManagementPolicyRuleType.ROLE_MANAGEMENT_POLICY_ENABLEMENT_RULE,
        enabled_rules=needed,
        target=_target(),
    )


def _is_approved(role: JobRole, approvers: str | None) -> authorization.RoleManagementPolicyApprovalRuleArgs:
    stage = authorization.ApprovalStageArgs(
        approval_stage_time_out_in_days=1,
        is_approver_justification_required=True,
        is_escalation_enabled=False,
        primary_approvers=[authorization.UserSetArgs(id=approvers, is_backup=False, user_type=authorization.UserType.GROUP)],
    )
    return authorization.RoleManagementPolicyApprovalRuleArgs(
        id="Approval_EndUser_Assignment",
        rule_type=authorization.RoleManagementPolicyRuleType.ROLE_MANAGEMENT_POLICY_APPROVAL_RULE,
        setting=authorization.ApprovalSettingsArgs(
            is_approval_required=role.approval,
            is_requestor_justification_required=True,
            approval_mode=authorization.ApprovalMode.SINGLE_STAGE,
            approval_stages=[stage] if role.approval else [],
        ),
        target=_target(),
    )


def unguarded(wanted: People) -> list[str]:
    """Roles (job/role) whose rules of activation stay as Azure has them, since `activation` does not name their policy."""
    return [f"{job.id}/{role.id}" for job in jobs() for role in job.roles if role.most and f"{job.id}/{role.id}" not in wanted.activation]
