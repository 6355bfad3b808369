"""Policy exemptions in Azure, from the exception register: each says which entry it rests on, who approved it and when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

import pulumi
from pulumi_azure_native import authorization

from stacks.landing_zone.agreed import Agreed, Exemption
from stacks.landing_zone.governance import Governance
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.landing_zone.wanted import Wanted

_CATEGORIES: Mapping[str, authorization.ExemptionCategory] = {
    "waiver": authorization.ExemptionCategory.WAIVER,
    "mitigated": authorization.ExemptionCategory.MITIGATED,
}


class Exemptions(pulumi.ComponentResource):
    """Every exemption that is in force, by name."""

    def __init__(self, agreed: Agreed, hierarchy: Hierarchy, governance: Governance, opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:landing-zone:Exemptions", "exemptions", None, opts)
        self._hierarchy, self._governance = hierarchy, governance
        self.exemptions = {name(e): self._exemption(e) for e in agreed.exemptions}
        self.register_outputs({})

    def _exemption(self, held: Exemption) -> authorization.PolicyExemption:
        entry = held.entry
        assignment = self._governance.assignments[f"{held.group or 'council'}/{held.assignment}"]
        group = [] if held.scope_group is None else [self._hierarchy.groups[held.scope_group]]
        return authorization.PolicyExemption(
            name(held),
            policy_exemption_name=name(held),
            scope=held.scope,
            display_name=f"{entry.id}: {held.assignment}"[:128],
            description=entry.rationale or None,
            exemption_category=_CATEGORIES[held.said.category],
            expires_on=held.until,
            policy_assignment_id=assignment.id,
            policy_definition_reference_ids=list(held.said.references) or None,
            metadata={
                "exception": entry.id,
                "requester": entry.requester,
                "approver": entry.approver,
                "approvedOn": str(entry.approved_on),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[assignment, *group]),
        )


def name(held: Exemption) -> str:
    """An exemption's name: the entry's id, and what tells its exemptions apart whatever their order."""
    place = f"{held.group}/{held.assignment}@{held.scope}".lower()
    return f"{held.entry.id}-{uuid5(NAMESPACE_URL, place).hex[:8]}"


def exempted(wanted: Wanted, hierarchy: Hierarchy, governance: Governance, opts: pulumi.ResourceOptions) -> Exemptions | None:
    """The exemptions, if there are any; what has expired is said, and not made."""
    for expired in wanted.agreed.expired:
        pulumi.log.warn(f"Exception {expired} has expired: Azure is no longer told to overlook anything for it.")
    return Exemptions(wanted.agreed, hierarchy, governance, opts) if wanted.agreed.exemptions else None
