"""Entra: applications and what they may do, conditional access, directory roles, access packages, guests and accounts.

Defaults are those of the azuread provider's documentation, as its SDK 6.11.1 carries it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, cast

from policies.answers import Judge, all_of, any_of, fails, not_applicable, passes, some
from policies.demands import flag_is, is_set, only_where, text_is
from policies.knowledge import fact, register_rules
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same

_APPLICATION: Final = ("azuread:index/application:Application",)
_PRINCIPAL: Final = ("azuread:index/servicePrincipal:ServicePrincipal",)
_PASSWORDS: Final = (
    "azuread:index/applicationPassword:ApplicationPassword",
    "azuread:index/servicePrincipalPassword:ServicePrincipalPassword",
)
_CONDITIONAL: Final = ("azuread:index/conditionalAccessPolicy:ConditionalAccessPolicy",)
_LOCATION: Final = ("azuread:index/namedLocation:NamedLocation",)
_STANDING: Final = ("azuread:index/directoryRoleAssignment:DirectoryRoleAssignment",)
_GRANT: Final = ("azuread:index/servicePrincipalDelegatedPermissionGrant:ServicePrincipalDelegatedPermissionGrant",)
_PACKAGE: Final = ("azuread:index/accessPackageAssignmentPolicy:AccessPackageAssignmentPolicy",)
_GROUP_RULES: Final = ("azuread:index/groupRoleManagementPolicy:GroupRoleManagementPolicy",)
_ELIGIBLE: Final = ("azuread:index/privilegedAccessGroupEligibilitySchedule:PrivilegedAccessGroupEligibilitySchedule",)
_USER: Final = ("azuread:index/user:User",)
_REDIRECTS: Final = ("web.redirectUris", "singlePageApplication.redirectUris", "publicClient.redirectUris")


def _holds_no_password(subject: Subject, _: Portfolio) -> Answer:
    if subject.type not in _APPLICATION:
        return fails(f"{subject.name} is a password of an application, which can be copied.")
    if at(subject).has("password"):
        return fails(f"{subject.name} has a password, which can be copied.", "password")
    return passes(f"{subject.name} has no password.", "password")


def _password_ends(subject: Subject, portfolio: Portfolio) -> Answer:
    """As long as an exception of this weight may last (decision 0004). One that is said in hours is not said to end on a day."""
    place, most = at(subject), register_rules()["longest_days"]["medium"]
    path = "endDate"
    until = Place({path: place.text(path)[:10]}).day(path)
    if until is None:
        return fails(f"{subject.name} does not say when it ends.", path)
    if until > portfolio.on + timedelta(days=most):
        return fails(f"{subject.name} ends on {until}, which is more than {most} days away.", path)
    return passes(f"{subject.name} ends on {until}.", path)


def _redirects_safely(subject: Subject, _: Portfolio) -> Answer:
    def one(uri: Place) -> Answer:
        text = uri.text("").strip().casefold()
        if "*" in text:
            return fails("Tokens may be sent to any address that fits a star.", uri.path)
        if text.startswith("http://") and not text.startswith(("http://localhost", "http://127.0.0.1")):
            return fails("Tokens may be sent over a network in the clear.", uri.path)
        return passes("Tokens are sent encrypted, or stay on the device.", uri.path)

    place = at(subject)
    uris = [u for path in _REDIRECTS for u in place.items(path)]
    return all_of([lambda u=u: one(u) for u in uris], not_applicable(f"{subject.name} sends tokens nowhere."))


def _is_enforced(subject: Subject, _: Portfolio) -> Answer:
    state = at(subject).text("state")
    if same(state, "enabled"):
        return passes(f"{subject.name} is enforced.", "state")
    return fails(f"{subject.name} is {state or 'not said to be on'}: it keeps nobody out.", "state")


def _is_of_everybody(policy: Place) -> bool:
    return some([lambda u=u: same(u.text(""), "All") for u in policy.items("conditions.users.includedUsers")])


def _spares_somebody(subject: Subject, _: Portfolio) -> Answer:
    """Microsoft Learn, "Manage emergency access accounts": one mistake in a policy of everybody locks the council out."""
    path = "conditions.users"
    place = at(subject)
    if place.has(f"{path}.excludedGroups") or place.has(f"{path}.excludedUsers"):
        return passes(f"{subject.name} spares the emergency accounts.", path)
    return fails(f"{subject.name} holds of everybody: a mistake in it would lock the whole council out.", path)


def _asks_for_more(subject: Subject, _: Portfolio) -> Answer:
    """A policy keeps somebody out, asks for a second factor or a strength of sign-in, or for a device of the council's."""
    place, path = at(subject), "grantControls"
    wanted = ("block", "mfa", "compliantDevice", "domainJoinedDevice")
    strong = some([lambda c=c: same(c.text(""), *wanted) for c in place.items(f"{path}.builtInControls")])
    if strong or place.has(f"{path}.authenticationStrengthPolicyId"):
        return passes(f"{subject.name} asks for more than a password.", path)
    return fails(f"{subject.name} asks for nothing beyond a password.", path)


def _grants(policy: Place) -> bool:
    return policy.has("grantControls")


def _is_trusted(location: Place) -> bool:
    return location.flag("ip.trusted", default=False)


def _is_narrow(subject: Subject, _: Portfolio) -> Answer:
    least = fact("trusted_locations", "least_prefix")

    def one(item: Place) -> Answer:
        try:
            net = ipaddress.ip_network(item.text(""), strict=False)
        except ValueError:
            return fails("It is not an address range.", item.path)
        if net.version == 4 and net.prefixlen < least:
            return fails(f"{net} is too many addresses to trust.", item.path)
        return passes(f"{net} is trusted.", item.path)

    return all_of([lambda i=i: one(i) for i in at(subject).items("ip.ipRanges")], not_applicable("No address is trusted."))


def _role_is_asked_for(subject: Subject, _: Portfolio) -> Answer:
    role = at(subject).text("roleId").casefold()
    named = cast("Sequence[Mapping[str, str]]", fact("directory_role"))
    found = next((r["name"] for r in named if r["id"] == role), "")
    if found:
        return fails(f"{found} is held all the time; it belongs to nobody until it is asked for.", "roleId")
    return passes("The role does not rule the tenant.", "roleId")


def _grant_is_small(subject: Subject, _: Portfolio) -> Answer:
    path = "claimValues"
    if some([lambda c=c: same(c.text(""), *fact("graph", "ruling")) for c in at(subject).items(path)]):
        return fails("The application may change who rules the tenant.", path)
    return passes("The application cannot change who rules the tenant.", path)


def _assignment_ends(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    days = place.number("durationInDays")
    if place.has("expirationDate") or (days is not None and days > 0):
        return passes("What is given ends.", "durationInDays")
    return fails("What is given lasts for ever.", "durationInDays")


_by_second_factor: Judge = flag_is("activationRules.requireMultifactorAuthentication", wanted=True, default=False)


def _by_context(subject: Subject) -> Answer:
    path = "activationRules.requiredConditionalAccessAuthenticationContext"
    if at(subject).has(path):
        return passes("Whoever asks for the group meets conditional access.", path)
    return fails("Nothing else is asked for.", path)


def _activation_is_proved(subject: Subject, portfolio: Portfolio) -> Answer:
    lacking = fails("Whoever has somebody's password may ask for the group.", "activationRules")
    return any_of([lambda: _by_second_factor(subject, portfolio), lambda: _by_context(subject)], lacking)


CONTROLS = (
    Control(
        id="applications-hold-no-passwords",
        title="Applications sign in without passwords",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(*_APPLICATION, *_PASSWORDS),
        judge=_holds_no_password,
        remedy="Use a federated credential or a managed identity, and remove the password.",
        mandatory=False,
    ),
    Control(
        id="application-passwords-end",
        title="Passwords of applications end within six months",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_PASSWORDS,
        judge=_password_ends,
        remedy="Set endDate to a day within six months, or use a federated credential.",
    ),
    Control(
        id="applications-have-owners",
        title="Applications have owners",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APPLICATION,
        # azuread provider documentation: no owners unless set.
        judge=is_set("owners", "owners"),
        remedy="Name the people who answer for the application in owners.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="applications-are-for-this-tenant",
        title="Applications take the council's own accounts alone",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APPLICATION,
        # azuread provider documentation: AzureADMyOrg unless set.
        judge=text_is("signInAudience", "AzureADMyOrg", default="AzureADMyOrg"),
        remedy="Leave signInAudience out, or set it to AzureADMyOrg.",
    ),
    Control(
        id="applications-send-tokens-safely",
        title="Applications send tokens to named addresses, encrypted",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APPLICATION,
        judge=_redirects_safely,
        remedy="Name each of redirectUris in full, with https.",
    ),
    Control(
        id="applications-issue-no-tokens-in-the-address",
        title="Applications give no access tokens away in the address line",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APPLICATION,
        # azuread provider documentation: it says whether the implicit flow may be used; absent it may not.
        judge=flag_is("web.implicitGrant.accessTokenIssuanceEnabled", wanted=False, default=False),
        remedy="Leave accessTokenIssuanceEnabled out and use the authorisation code flow.",
    ),
    Control(
        id="applications-are-no-public-clients",
        title="Applications prove who they are",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APPLICATION,
        # azuread provider documentation: false unless set.
        judge=flag_is("fallbackPublicClientEnabled", wanted=False, default=False),
        remedy="Leave fallbackPublicClientEnabled out.",
        mandatory=False,
    ),
    Control(
        id="applications-admit-those-who-are-named",
        title="Applications admit those who were given access",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_PRINCIPAL,
        # azuread provider documentation: false unless set.
        judge=flag_is("appRoleAssignmentRequired", wanted=True, default=False),
        remedy="Set appRoleAssignmentRequired to true and assign groups.",
        mandatory=False,
    ),
    Control(
        id="consents-do-not-rule-the-tenant",
        title="No application may change who rules the tenant",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GRANT,
        judge=_grant_is_small,
        remedy="Give the application a narrower permission.",
    ),
    Control(
        id="conditional-access-is-enforced",
        title="Conditional access keeps people out, and does not only report",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CONDITIONAL,
        judge=_is_enforced,
        remedy="Set state to enabled once its reports have been read.",
        mandatory=False,
    ),
    Control(
        id="conditional-access-spares-emergency-accounts",
        title="Conditional access of everybody spares the emergency accounts",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CONDITIONAL,
        judge=only_where(_is_of_everybody, "The policy does not hold of everybody.", _spares_somebody),
        remedy="Name the group of emergency accounts in conditions.users.excludedGroups.",
    ),
    Control(
        id="conditional-access-asks-for-more",
        title="Conditional access asks for more than a password",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_CONDITIONAL,
        judge=only_where(_grants, "The policy governs sessions.", _asks_for_more),
        remedy="Add mfa or block to grantControls.builtInControls, or name a strength of sign-in.",
    ),
    Control(
        id="trusted-locations-are-narrow",
        title="Trusted locations are the size of a site",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_LOCATION,
        judge=only_where(_is_trusted, "The location is not trusted.", _is_narrow),
        remedy="Name the addresses of the council's own sites in ip.ipRanges.",
    ),
    Control(
        id="directory-roles-are-asked-for",
        title="Nobody rules the tenant all the time",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_STANDING,
        judge=_role_is_asked_for,
        remedy="Use a DirectoryRoleEligibilityScheduleRequest, so that the role is asked for.",
    ),
    Control(
        id="group-eligibility-ends",
        title="Being able to ask for a group ends",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_ELIGIBLE,
        # azuread provider documentation: one of the three must be said.
        judge=flag_is("permanentAssignment", wanted=False, default=False),
        remedy="Set expirationDate or duration in place of permanentAssignment.",
    ),
    Control(
        id="group-activation-asks-for-a-second-factor",
        title="Whoever asks for a group proves who they are",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_GROUP_RULES,
        judge=_activation_is_proved,
        remedy="Set activationRules.requireMultifactorAuthentication to true, or name an authentication context.",
    ),
    Control(
        id="access-packages-are-approved",
        title="Access packages are approved by somebody",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_PACKAGE,
        # azuread provider documentation: it says whether approval is required; absent it is not.
        judge=flag_is("approvalSettings.approvalRequired", wanted=True, default=False),
        remedy="Set approvalSettings.approvalRequired to true with its stages.",
    ),
    Control(
        id="access-packages-end",
        title="What access packages give ends",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_PACKAGE,
        judge=_assignment_ends,
        remedy="Set durationInDays or expirationDate.",
    ),
    Control(
        id="accounts-keep-the-password-rules",
        title="Accounts keep the rules for passwords",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_USER,
        # azuread provider documentation: false unless set.
        judge=flag_is("disableStrongPassword", wanted=False, default=False),
        remedy="Leave disableStrongPassword out.",
    ),
)
