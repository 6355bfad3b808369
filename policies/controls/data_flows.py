"""What carries and catalogues data: Data Factory, Stream Analytics and Purview."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, both, fails, not_applicable, passes, some
from policies.demands import by_type, only_where, text_is
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same

_FACTORY: Final = ("azure-native:datafactory:Factory",)
_JOB: Final = "azure-native:streamanalytics:StreamingJob"
_OUTPUT: Final = "azure-native:streamanalytics:Output"
_INPUT: Final = "azure-native:streamanalytics:Input"
# Azure Policy f78ccdb4-7bf4-4106-8647-270491d2978a: links to these can be made by the factory's own identity …
_TAKE_IDENTITIES: Final = (
    *("AzureSqlDatabase", "AzureSqlMI", "AzureSqlDW", "AzureBlobFS", "AzureBlobStorage", "AzureDatabricks"),
    *("AdlsGen2CosmosStructuredStream", "AzureDataLakeStore", "AzureDataLakeStoreCosmosStructuredStream"),
)
# … and these say that they are not; sasToken and password are ours, for they say the same.
_KEYS: Final = (
    *("servicePrincipalKey", "accountKey", "sasUri", "sasToken", "accessToken", "encryptedCredential", "servicePrincipalCredential"),
    "password",
)
_PASSWORDS: Final = ("user id=", "accountkey=")
# Azure Policy ea6c4923-510a-4346-be26-1894919a5b97: outputs that take the job's own identity.
_OUTPUTS: Final = (
    *("Microsoft.Storage/Blob", "Microsoft.DataLake/Accounts", "PowerBI", "Microsoft.ServiceBus/Topic", "Microsoft.ServiceBus/Queue"),
    *("Microsoft.Sql/Server/Database", "Microsoft.EventHub/EventHub"),
)
_INPUTS: Final = ("Microsoft.EventHub/EventHub",)


def _links_by_identity(subject: Subject, _: Portfolio) -> Answer:
    link = at(subject)
    kind = link.text("properties.type")
    if not same(kind, *_TAKE_IDENTITIES):
        return not_applicable(f"A link of type {kind} takes no identity.")
    if some([lambda key=key: _is_given(link, key) for key in _KEYS]):
        return fails(f"{subject.name} signs in by {' or '.join(_KEYS)}, not by an identity.", "properties")
    words = link.text("properties.connectionString").casefold()
    if any(password in words for password in _PASSWORDS):
        return fails(f"The connection string of {subject.name} holds a user or a key.", "properties.connectionString")
    return passes(f"{subject.name} signs in by the factory's identity.", "properties.type")


def _is_given(link: Place, key: str) -> bool:
    """Whether the link has such a key; a secret is one, though nobody reads it."""
    path = f"properties.{key}"
    secret = any(leaf.is_secret() and f"{leaf.path}.".startswith(f"{path}.") for leaf in link.leaves())
    return secret or link.has(path)


def _has_storage(job: Place) -> bool:
    return job.has("jobStorageAccount")


def _by_identity(root: str, *kinds: str) -> Judge:
    """A source or a sink must be of a kind that takes an identity, and take it."""
    kind = text_is(f"{root}.type", *kinds, default="")
    return both(kind, text_is(f"{root}.authenticationMode", "Msi", default="ConnectionString"))


CONTROLS = (
    Control(
        id="data-factory-denies-public-access",
        title="Data Factory is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_FACTORY,
        # Azure Policy 1cf164be-6819-4a50-b8fa-4bcaa4f98fb6: anything but Disabled does not comply.
        judge=text_is("publicNetworkAccess", "Disabled", default="Enabled"),
        remedy="Set publicNetworkAccess to Disabled and give the factory a private endpoint.",
    ),
    Control(
        id="data-factory-links-by-identity",
        title="Data Factory signs in to other services by its own identity",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:datafactory:LinkedService",),
        judge=_links_by_identity,
        remedy="Leave keys and passwords out of the link and give the factory's identity a role on what it links to.",
    ),
    Control(
        id="stream-analytics-uses-identity",
        title="Stream Analytics signs in to what it reads and writes by its own identity",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_JOB, _OUTPUT, _INPUT),
        # Azure Policy ea6c4923-510a-4346-be26-1894919a5b97: anything but Msi does not comply.
        judge=by_type(
            {
                _JOB: only_where(
                    _has_storage,
                    "The job has no storage account of its own.",
                    text_is("jobStorageAccount.authenticationMode", "Msi", default="ConnectionString"),
                ),
                _OUTPUT: _by_identity("datasource", *_OUTPUTS),
                _INPUT: _by_identity("properties.datasource", *_INPUTS),
            }
        ),
        remedy="Set authenticationMode to Msi and give the job's identity a role on what it reads or writes.",
        mandatory=False,
    ),
    Control(
        id="purview-denies-public-access",
        title="Purview, and what it manages, is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:purview:Account",),
        # Microsoft.Purview reference (SDK 3.29.0): both are Enabled, Disabled or NotSpecified; only Disabled closes.
        judge=both(
            text_is("publicNetworkAccess", "Disabled", default="NotSpecified"),
            text_is("managedResourcesPublicNetworkAccess", "Disabled", default="NotSpecified"),
        ),
        remedy="Set publicNetworkAccess and managedResourcesPublicNetworkAccess to Disabled and give the account private endpoints.",
    ),
)
