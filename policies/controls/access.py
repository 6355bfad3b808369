"""Who may do what, and until when: custom roles, sign-in without secrets, exemptions, delegations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Final, cast

from policies.answers import all_of, cannot_tell, fails, not_applicable, passes, some
from policies.demands import flag_is, only_where, text_is
from policies.knowledge import fact, register_rules
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same
from policies.siblings import references

_ROLE: Final = ("azure-native:authorization:RoleDefinition",)
_EXEMPTION: Final = ("azure-native:authorization:PolicyExemption",)
_DELEGATION: Final = ("azure-native:managedservices:RegistrationDefinition",)
_ASSIGNMENT: Final = "azure-native:authorization:PolicyAssignment"
_IDENTITY_CREDENTIAL: Final = "azure-native:managedidentity:FederatedIdentityCredential"
_APP_CREDENTIAL: Final = "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
_CREDENTIALS: Final = (_IDENTITY_CREDENTIAL, _APP_CREDENTIAL)
_BELOW: Final = "$"
# What others stand in or rest on.
_HOLDERS: Final = (
    *("azure-native:resources:ResourceGroup", "azure-native:network:VirtualNetwork", "azure-native:keyvault:Vault"),
    *("azure-native:storage:StorageAccount", "azure-native:recoveryservices:Vault", "azure-native:compute:VirtualMachine"),
    "azuread:index/group:Group",
)
_GIVES_RIGHTS: Final = "microsoft.authorization/roleassignments/write"


def _names_its_actions(subject: Subject, _: Portfolio) -> Answer:
    """Azure custom roles documentation: a star by itself is every action of every service, as an owner has them."""

    def one(permission: Place) -> Answer:
        kinds = ("actions", "dataActions")
        if some([lambda i=i: i.text("").strip() in ("*", "*/*") for k in kinds for i in permission.items(k)]):
            return fails(f"{subject.name} may do everything.", permission.path)
        return passes(f"{subject.name} names what it may do.", permission.path)

    permissions = at(subject).items("permissions")
    return all_of([lambda p=p: one(p) for p in permissions], not_applicable(f"{subject.name} may do nothing."))


def _gives_no_rights(subject: Subject, _: Portfolio) -> Answer:
    """Azure custom roles documentation: what actions allow and notActions take away. With this one a role is as good as an owner's."""

    def one(permission: Place) -> Answer:
        given, taken = (partial(_holds, permission, kind) for kind in ("actions", "notActions"))
        if given() and not taken():
            return fails(f"{subject.name} may give rights to others.", permission.path)
        return passes(f"{subject.name} gives nobody rights.", permission.path)

    permissions = at(subject).items("permissions")
    return all_of([lambda p=p: one(p) for p in permissions], not_applicable(f"{subject.name} may do nothing."))


def _holds(permission: Place, kind: str) -> bool:
    return some([lambda i=i: fnmatchcase(_GIVES_RIGHTS, i.text("").strip().casefold()) for i in permission.items(kind)])


def _issuer_is_known(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 2571b7c3-3056-4a61-b00a-9bc5232234f5: from issuers that somebody agreed to; these are the pipelines' and Kubernetes'."""
    path = "issuer"
    issuer = at(subject).text(path).strip().casefold()
    host = issuer.removeprefix("https://").partition("/")[0]
    is_secure = issuer.startswith("https://")
    if is_secure and (host in fact("federation", "hosts") or host.endswith(fact("federation", "host_ending"))):
        return passes(f"Tokens of {host} are taken.", path)
    return fails(f"Tokens of {host or 'nobody in particular'} are taken, whom nobody agreed to.", path)


def _names_one_subject(subject: Subject, _: Portfolio) -> Answer:
    """A star, or nothing, is whoever the issuer gives a token."""
    path = "subject"
    who = at(subject).text(path).strip()
    if who and "*" not in who:
        return passes(f"Only {who} may sign in.", path)
    return fails("Whoever the issuer gives a token may sign in.", path)


def _takes_one_audience(subject: Subject, _: Portfolio) -> Answer:
    audiences = at(subject).items("audiences")
    others = some([lambda a=a: not same(a.text(""), fact("federation", "audience")) for a in audiences])
    if audiences and not others:
        return passes("Only tokens made for Entra are taken.", "audiences")
    return fails("Tokens that were made for something else are taken.", "audiences")


def _ends(subject: Subject, portfolio: Portfolio) -> Answer:
    place, path = at(subject), "expiresOn"
    until = Place({path: place.text(path)[:10]}).day(path)
    if until is None:
        return fails(f"{subject.name} lasts for ever.", path)
    if until < portfolio.on:
        return fails(f"{subject.name} ended on {until}.", path)
    longest = register_rules()["longest_days"]["cloud_unless"]
    if (until - portfolio.on).days > longest:
        return fails(f"{subject.name} lasts until {until}, which is more than {longest} days away.", path)
    return passes(f"{subject.name} ends on {until}.", path)


def _gives_reasons(subject: Subject, _: Portfolio) -> Answer:
    if at(subject).text("description").strip():
        return passes(f"{subject.name} says why.", "description")
    return fails(f"{subject.name} does not say why.", "description")


def _roles_of(subject: Subject) -> list[Place]:
    """What the other tenant may do at once, and what it may ask for."""
    place = at(subject)
    return [*place.items("properties.authorizations"), *place.items("properties.eligibleAuthorizations")]


def _delegates_no_rights(subject: Subject, _: Portfolio) -> Answer:
    roles = cast("Sequence[Mapping[str, str]]", fact("privileged_role"))

    def one(given: Place) -> Answer:
        path = f"{given.path}.roleDefinitionId"
        wanted = given.text("roleDefinitionId").casefold().rstrip("/")
        if some([lambda r=r: wanted.endswith(r["id"]) for r in roles]):
            return fails("Another tenant may give rights to others.", path)
        return passes("Another tenant may give nobody rights.", path)

    return all_of([lambda r=r: one(r) for r in _roles_of(subject)], not_applicable(f"{subject.name} delegates nothing."))


def _delegated_change_is_asked_for(subject: Subject, _: Portfolio) -> Answer:
    """What is more than reading has to be asked for; giving the delegation back is not."""

    def one(given: Place) -> Answer:
        path = f"{given.path}.roleDefinitionId"
        wanted = given.text("roleDefinitionId").casefold().rstrip("/")
        if some([lambda r=r: wanted.endswith(r) for r in fact("delegations", "standing")]):
            return passes("The role only reads, or gives the delegation back.", path)
        return fails("Another tenant may change things all the time, without asking.", path)

    standing = at(subject).items("properties.authorizations")
    return all_of([lambda r=r: one(r) for r in standing], not_applicable(f"{subject.name} lets nobody in without asking."))


def _acts(assignment: Place) -> bool:
    return same(assignment.text("identity.type"), "SystemAssigned")


def _may_act(subject: Subject, portfolio: Portfolio) -> Answer:
    """An assignment that mends things does so as its own identity, which can do nothing until it has a role."""
    held = references(portfolio, ("azure-native:authorization:RoleAssignment",), "principalId")
    mine = held.by_urn.get(subject.id, [])
    if mine:
        return passes(f"{mine[0].name} lets it act.", "identity")
    if held.unknown:
        return cannot_tell(f"Cannot tell: {held.unknown[0][0].name} may be its role.", "identity")
    return fails(f"{subject.name} has an identity and no role among the resources judged, so it can mend nothing.", "identity")


def _has_a_parent(subject: Subject, _: Portfolio) -> Answer:
    """A URN tells the types of what stands above a resource; of what stands straight below the stack it tells nothing."""
    if _BELOW in subject.id:
        return passes(f"{subject.name} belongs to a component.")
    return fails(f"{subject.name} belongs to no component, with which it could be looked at, moved or taken away.")


CONTROLS = (
    Control(
        id="custom-roles-name-their-actions",
        title="Roles of our own name what they may do",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ROLE,
        judge=_names_its_actions,
        remedy="Name the actions one by one, or use one of Azure's roles.",
        mandatory=False,
    ),
    Control(
        id="custom-roles-give-no-rights",
        title="Roles of our own give nobody rights",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ROLE,
        judge=_gives_no_rights,
        remedy="Add Microsoft.Authorization/*/write to notActions, or use one of Azure's roles, which are watched.",
    ),
    Control(
        id="roles-are-of-azure",
        title="Roles are Azure's own, which are kept up to date",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ROLE,
        # Azure Policy a451c1ef-c6ca-483d-87ed-f49761e3ffb5, which audits every custom role. What says nothing is custom.
        judge=text_is("roleType", "BuiltInRole", default="CustomRole"),
        remedy="Assign one of Azure's roles instead.",
        mandatory=False,
    ),
    Control(
        id="federated-sign-in-is-from-known-issuers",
        title="Sign-in without secrets takes tokens of issuers that were agreed",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CREDENTIALS,
        judge=_issuer_is_known,
        remedy="Use the pipeline's issuer, or add another with its source to policies/knowledge/azure.toml.",
    ),
    Control(
        id="federated-sign-in-names-who",
        title="Sign-in without secrets names who may come in",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CREDENTIALS,
        judge=_names_one_subject,
        remedy="Set subject to one environment, branch or service account.",
    ),
    Control(
        id="federated-sign-in-is-for-entra",
        title="Sign-in without secrets takes tokens made for Entra",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CREDENTIALS,
        judge=_takes_one_audience,
        remedy="Set audiences to api://AzureADTokenExchange alone.",
    ),
    Control(
        id="policy-exemptions-end",
        title="Exemptions from policies end",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_EXEMPTION,
        judge=_ends,
        remedy="Set expiresOn to the day that the exception register says.",
    ),
    Control(
        id="policy-exemptions-give-reasons",
        title="Exemptions from policies say why",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_EXEMPTION,
        judge=_gives_reasons,
        remedy="Set description to the exception's reasons.",
        mandatory=False,
    ),
    Control(
        id="policy-assignments-can-act",
        title="Policies that mend things have the rights to",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_ASSIGNMENT,),
        judge=only_where(_acts, "The assignment has no identity of its own.", _may_act),
        remedy="Add an authorization.RoleAssignment whose principalId is the assignment's identity.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="delegations-give-no-rights",
        title="Other tenants may not give rights to others",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DELEGATION,
        judge=_delegates_no_rights,
        remedy="Delegate a role that cannot assign roles.",
    ),
    Control(
        id="delegated-changes-are-asked-for",
        title="Other tenants ask before they change things",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_DELEGATION,
        judge=_delegated_change_is_asked_for,
        remedy="Move the role to eligibleAuthorizations, and leave Reader in authorizations.",
        mandatory=False,
    ),
    Control(
        id="management-groups-are-made-by-few",
        title="Not everybody may make management groups",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:management:HierarchySetting",),
        # SDK: if it is true, the right to write is required.
        judge=flag_is("requireAuthorizationForGroupCreation", wanted=True, default=False),
        remedy="Set requireAuthorizationForGroupCreation to true.",
    ),
    Control(
        id="resources-belong-to-a-component",
        title="What others stand in belongs to a component of its stack",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_HOLDERS,
        judge=_has_a_parent,
        remedy="Give the resource ResourceOptions(parent=…).",
        mandatory=False,
    ),
)
