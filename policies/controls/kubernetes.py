"""Kubernetes clusters: who may reach them, who may sign in, and that they are watched and kept up to date.

A setting of a pool of machines stands in the cluster's own list of pools, or in an AgentPool beside it: both are judged.
"""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, all_of, any_of, both, fails, not_applicable, passes
from policies.demands import flag_is, is_set, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at

_CLUSTER: Final = "azure-native:containerservice:ManagedCluster"
_POOL: Final = "azure-native:containerservice:AgentPool"
_is_private = flag_is("apiServerAccessProfile.enablePrivateCluster", wanted=True, default=False)


def _names_who_may_call(subject: Subject, _: Portfolio) -> Answer:
    path = "apiServerAccessProfile.authorizedIPRanges"
    if at(subject).has(path):
        return passes(f"{subject.name} answers the addresses that it lists.", path)
    return fails(f"{subject.name} lists no addresses that may call it.", path)


def _api_is_closed(subject: Subject, portfolio: Portfolio) -> Answer:
    """Azure Policy 0e246bcf-5f6f-4f87-bc6f-775d4712c7ea: the cluster is private, or lists who may call it."""
    wide_open = fails(f"{subject.name} lets the whole internet call its control plane.", "apiServerAccessProfile")
    return any_of([lambda: _is_private(subject, portfolio), lambda: _names_who_may_call(subject, portfolio)], wide_open)


def _pools_have(name: str, wanted: bool, what: str) -> Judge:
    """Each pool's flag must be as wanted; not set it counts as false (Azure Policy 41425d9f and the SDK's inputs)."""

    def one(pool: Place) -> Answer:
        path = f"{pool.path}.{name}" if pool.path else name
        found = pool.flag(name, default=False)
        said = f"Machines of the pool have {'' if found else 'no '}{what}."
        return passes(said, path) if found is wanted else fails(said, path)

    def judge(subject: Subject, _: Portfolio) -> Answer:
        pools = (at(subject),) if subject.type == _POOL else at(subject).items("agentPoolProfiles")
        return all_of([lambda p=p: one(p) for p in pools], not_applicable(f"{subject.name} has no pools of its own."))

    return judge


CONTROLS = (
    Control(
        id="kubernetes-obeys-azure-policy",
        title="Kubernetes clusters obey Azure Policy",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # Azure Policy 0a15ec92-a229-4763-bb14-0ea34a568f8d: absent does not comply.
        judge=flag_is("addonProfiles.azurePolicy.enabled", wanted=True, default=False),
        remedy="Set addonProfiles.azurePolicy.enabled to true.",
    ),
    Control(
        id="kubernetes-is-watched-by-defender",
        title="Kubernetes clusters are watched by Defender",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # Azure Policy a1840de2-8088-4ea8-b153-b4c723e9cb01: anything but true does not comply.
        judge=flag_is("securityProfile.defender.securityMonitoring.enabled", wanted=True, default=False),
        remedy="Set securityProfile.defender.securityMonitoring.enabled to true, and name the workspace.",
    ),
    Control(
        id="kubernetes-hides-its-control-plane",
        title="Kubernetes control planes are private, or list who may call them",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        judge=_api_is_closed,
        remedy="Set apiServerAccessProfile.enablePrivateCluster to true, or list the council's addresses in authorizedIPRanges.",
    ),
    Control(
        id="kubernetes-uses-entra",
        title="People sign in to Kubernetes with Entra",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # Azure Policy 450d2877-ebea-41e8-b00c-e286317d21bf: absent does not comply.
        judge=is_set("aadProfile", "Entra sign-in"),
        remedy="Set aadProfile with managed true and the group of administrators.",
        looks_around=True,
    ),
    Control(
        id="kubernetes-has-no-local-accounts",
        title="Kubernetes clusters have no accounts of their own",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # SDK: setting it to true disables static credentials, so absent leaves them.
        judge=flag_is("disableLocalAccounts", wanted=True, default=False),
        remedy="Set disableLocalAccounts to true, with Entra sign-in switched on.",
    ),
    Control(
        id="kubernetes-uses-roles",
        title="Kubernetes clusters ask who may do what",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # Azure Policy ac4a19c2-fa67-49b4-8ae5-0b2e78c49457: only false does not comply.
        judge=flag_is("enableRBAC", wanted=True, default=True),
        remedy="Leave enableRBAC out, or set it to true: it cannot be changed later.",
    ),
    Control(
        id="kubernetes-takes-roles-from-azure",
        title="Who may do what in Kubernetes is said in Azure",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # Our reading: what is not switched on is off.
        judge=flag_is("aadProfile.enableAzureRBAC", wanted=True, default=False),
        remedy="Set aadProfile.enableAzureRBAC to true.",
        mandatory=False,
    ),
    Control(
        id="kubernetes-encrypts-at-host",
        title="Kubernetes machines encrypt caches and temporary disks at the host",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER, _POOL),
        # Azure Policy 41425d9f-d1a5-499a-9932-f8ed8453932c: absent does not comply.
        judge=_pools_have("enableEncryptionAtHost", wanted=True, what="encryption at the host"),
        remedy="Set enableEncryptionAtHost to true on every pool.",
    ),
    Control(
        id="kubernetes-machines-have-no-public-address",
        title="Kubernetes machines have no public addresses of their own",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER, _POOL),
        # SDK: the default is false.
        judge=_pools_have("enableNodePublicIP", wanted=False, what="public addresses of their own"),
        remedy="Leave enableNodePublicIP out of every pool.",
    ),
    Control(
        id="kubernetes-disks-use-own-keys",
        title="Kubernetes disks are encrypted with the council's own keys",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # Azure Policy 7d7be79c-23ba-4033-84dd-45e2a5ccdd67: absent or empty does not comply.
        judge=is_set("diskEncryptionSetID", "a disk encryption set"),
        remedy="Set diskEncryptionSetID to the council's disk encryption set.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="kubernetes-separates-its-pods",
        title="Kubernetes pods reach only what a network policy lets them",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # SDK: none is a value of its own; absent says nothing, which we do not take for a policy.
        judge=text_is_not("networkProfile.networkPolicy", "", "none", default=""),
        remedy="Set networkProfile.networkPolicy to cilium, azure or calico.",
    ),
    Control(
        id="kubernetes-updates-itself",
        title="Kubernetes clusters keep themselves up to date",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # SDK: the default channel is none, that of the machines' system NodeImage.
        judge=both(
            text_is("autoUpgradeProfile.upgradeChannel", "patch", "stable", "rapid", default="none"),
            text_is_not("autoUpgradeProfile.nodeOSUpgradeChannel", "None", "Unmanaged", default="NodeImage"),
        ),
        remedy="Set autoUpgradeProfile.upgradeChannel to stable or patch, and leave nodeOSUpgradeChannel at NodeImage.",
    ),
    Control(
        id="kubernetes-uses-a-managed-identity",
        title="Kubernetes clusters sign in to Azure without a secret",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # SDK: an identity is there if it is configured; else a service principal with its secret is used.
        judge=text_is("identity.type", "SystemAssigned", "UserAssigned", default="a service principal"),
        remedy="Set identity.type to UserAssigned and leave servicePrincipalProfile out.",
    ),
    Control(
        id="kubernetes-pods-use-managed-identities",
        title="Kubernetes pods sign in to Azure without a secret",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_CLUSTER,),
        # Our reading: what is not switched on is off.
        judge=both(
            flag_is("oidcIssuerProfile.enabled", wanted=True, default=False),
            flag_is("securityProfile.workloadIdentity.enabled", wanted=True, default=False),
        ),
        remedy="Set oidcIssuerProfile.enabled and securityProfile.workloadIdentity.enabled to true.",
        mandatory=False,
    ),
)
