"""AI services: Azure AI (Cognitive Services), AI Search and Machine Learning."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, any_of, fails
from policies.demands import by_type, flag_is, is_set, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, same

_SERVICE: Final = "azure-native:cognitiveservices:Account"
_SEARCH: Final = "azure-native:search:Service"
_WORKSPACE: Final = ("azure-native:machinelearningservices:Workspace",)
_COMPUTE: Final = ("azure-native:machinelearningservices:Compute",)
_service_is_closed: Judge = text_is("properties.publicNetworkAccess", "Disabled", default="Enabled")
_service_denies: Judge = text_is("properties.networkAcls.defaultAction", "Deny", default="Allow")
_search_is_closed: Judge = text_is("publicNetworkAccess", "Disabled", default="Enabled")
_search_names_addresses: Judge = is_set("networkRuleSet.ipRules", "addresses that may connect")


def _either(first: Judge, second: Judge) -> Judge:
    """Closed to the public network, or open to those alone who are named."""

    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        wide_open = fails(f"{subject.name} answers every network.", "publicNetworkAccess")
        return any_of([lambda: first(subject, portfolio), lambda: second(subject, portfolio)], wide_open)

    return judge


def _is_machine(compute: Place) -> bool:
    """Azure Policy e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f asks it of these kinds."""
    return same(compute.text("properties.computeType"), "AmlCompute", "ComputeInstance")


def _can_use_own_storage(service: Place) -> bool:
    """learn.microsoft.com, "Connect to your own storage" (read 2026-11-25): userOwnedStorage is "used only by Speech and Language"."""
    return same(service.text("kind"), "SpeechServices", "TextAnalytics")


CONTROLS = (
    Control(
        id="ai-services-deny-shared-keys",
        title="AI services take Entra identities, not shared keys",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SERVICE, _SEARCH),
        # Azure Policy 71ef260a-8f18-47b7-abcb-62d0673d94dc: anything but true does not comply.
        judge=by_type(
            {
                _SERVICE: flag_is("properties.disableLocalAuth", wanted=True, default=False),
                _SEARCH: flag_is("disableLocalAuth", wanted=True, default=False),
            }
        ),
        remedy="Set disableLocalAuth to true and give callers roles.",
    ),
    Control(
        id="ai-services-name-who-may-connect",
        title="AI services are closed to the public network, or open to named networks only",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SERVICE, _SEARCH),
        # Azure Policy 037eea7a-bd0a-46c5-9a66-03aea78705d3: Disabled, else Deny by default or a list of addresses.
        judge=by_type(
            {_SERVICE: _either(_service_is_closed, _service_denies), _SEARCH: _either(_search_is_closed, _search_names_addresses)}
        ),
        remedy="Set publicNetworkAccess to Disabled and reach the service by a private endpoint.",
        looks_around=True,
    ),
    Control(
        id="ai-search-denies-public-access",
        title="AI Search is closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SEARCH,),
        # Azure Policy ee980b6d-0eca-4501-8d54-f6290fd512c3: anything but Disabled does not comply.
        judge=_search_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the service by a private endpoint.",
        mandatory=False,
    ),
    Control(
        id="ai-search-can-be-private",
        title="AI Search is of a tier that takes private endpoints",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SEARCH,),
        # Azure Policy a049bf77-880b-470f-ba6d-9f21c530cf83: only free fails; the SKU is standard unless set.
        judge=text_is_not("sku.name", "free", default="standard"),
        remedy="Choose basic or a higher SKU.",
        mandatory=False,
    ),
    Control(
        id="ai-services-have-an-identity",
        title="AI services have an identity with which they sign in to other services",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_SERVICE,),
        # Azure Policy fe3fd216-4f83-4fc1-8984-2bbec80a3418: absent or None does not comply.
        judge=text_is_not("identity.type", "None", default="None"),
        remedy="Set identity.type to SystemAssigned or UserAssigned.",
        mandatory=False,
    ),
    Control(
        id="ai-services-keep-data-in-own-storage",
        title="Speech and language services keep what they are given in storage of the council's",
        severity=Severity.LOW,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=(_SERVICE,),
        # Azure Policy 46aa9b05-0e60-4eae-a88b-1e9d374fa515: none does not comply.
        judge=only_where(
            _can_use_own_storage, "A service of that kind keeps none.", is_set("properties.userOwnedStorage", "storage of the council's")
        ),
        remedy="Set properties.userOwnedStorage to a storage account when the service is made.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="machine-learning-denies-public-access",
        title="Machine Learning is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WORKSPACE,
        # Azure Policy 438c38d2-3772-465a-a9cc-7a6666a275ce: absent does not comply.
        judge=text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled and reach the workspace by a private endpoint.",
    ),
    Control(
        id="machine-learning-approves-what-leaves",
        title="Machine Learning sends only where somebody has approved",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_WORKSPACE,
        # Azure Policy 6ddb1705-c8cf-450e-aa4b-19ad6703c440, by its name; Microsoft's own default for its parameter is Disabled.
        judge=text_is("managedNetwork.isolationMode", "AllowOnlyApprovedOutbound", default="Disabled"),
        remedy="Set managedNetwork.isolationMode to AllowOnlyApprovedOutbound.",
        mandatory=False,
    ),
    Control(
        id="machine-learning-has-an-identity-of-its-own",
        title="Machine Learning has an identity that somebody made for it",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_WORKSPACE,
        # Azure Policy 5f0c7d88-c7de-45b8-ac49-db49e72eaa78: absent or empty does not comply.
        judge=is_set("primaryUserAssignedIdentity", "an identity that somebody made for it"),
        remedy="Set primaryUserAssignedIdentity to a user-assigned identity.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="machine-learning-computes-deny-local-users",
        title="Machines of Machine Learning take Entra identities, not local users",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COMPUTE,
        # Azure Policy e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f: anything but true does not comply.
        judge=only_where(
            _is_machine, "The compute is no machine of the workspace's.", flag_is("properties.disableLocalAuth", wanted=True, default=False)
        ),
        remedy="Set properties.disableLocalAuth to true.",
    ),
    Control(
        id="machine-learning-computes-stand-in-a-network",
        title="Machines of Machine Learning stand in a network of the council's",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COMPUTE,
        # Azure Policy 7804b5c7-01dc-4723-969b-ae300cc07ff1: absent or empty does not comply.
        judge=only_where(
            _is_machine, "The compute is no machine of the workspace's.", is_set("properties.properties.subnet.id", "a subnet to stand in")
        ),
        remedy="Set properties.properties.subnet.id.",
        mandatory=False,
        looks_around=True,
    ),
)
