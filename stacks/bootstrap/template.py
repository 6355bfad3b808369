"""The template that Azure Resource Manager carries out: one deployment to a subscription, the same each time it is made.

Azure itself then shows what would change (what-if), does only that, waits, and goes on after a stop.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from stacks.bootstrap.settings import BootstrapSettings, Trust

_SCHEMA: Final = "https://schema.management.azure.com/schemas"
CONTAINER: Final = "pulumi-state"
KEY: Final = "pulumi"
IDENTITIES: Final = ("preview", "up")
Resource = dict[str, Any]


@cache
def facts() -> Mapping[str, Any]:
    """API versions, roles and what GitHub calls itself, with their sources."""
    return tomllib.loads(Path(__file__).with_name("facts.toml").read_text("utf-8"))


def group_name(settings: BootstrapSettings) -> str:
    """The resource group that holds all of it."""
    return f"rg-{settings.council}-pulumi"


def identity_name(settings: BootstrapSettings, which: str) -> str:
    """The identity with which a pipeline previews, or goes up."""
    return f"id-{settings.council}-pulumi-{which}"


def template_of(settings: BootstrapSettings) -> Resource:
    """The whole template, for `az deployment sub create`."""
    group = group_name(settings)
    inner = {"$schema": f"{_SCHEMA}/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": resources(settings)}
    nested = made("Microsoft.Resources/deployments", "cloud-unless-bootstrap")
    nested |= {
        "resourceGroup": group,
        "dependsOn": [f"[subscriptionResourceId('Microsoft.Resources/resourceGroups', '{group}')]"],
        "properties": deployment_of(inner),
    }
    return {
        "$schema": f"{_SCHEMA}/2018-05-01/subscriptionDeploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [made("Microsoft.Resources/resourceGroups", group, location=settings.region, tags=_tags(settings)), nested],
    }


def resources(settings: BootstrapSettings) -> list[Resource]:
    """What lies in the resource group."""
    identities = [
        made("Microsoft.ManagedIdentity/userAssignedIdentities", identity_name(settings, i), location=settings.region, tags=_tags(settings))
        for i in IDENTITIES
    ]
    return [*_state(settings), *_vault(settings), *identities, *_trusted(settings), *_grants(settings), _lock()]


def trusts(settings: BootstrapSettings) -> tuple[Trust, ...]:
    """Whose tokens are accepted: a pull request may preview, the environment may go up, and what the settings name besides."""
    if settings.github is None:
        return settings.trust
    issuer, repository = facts()["github"]["issuer"], settings.github.repository
    ours = (
        Trust(identity="preview", name="github-pull-request", issuer=issuer, subject=f"repo:{repository}:pull_request"),
        Trust(
            identity="up", name="github-environment", issuer=issuer, subject=f"repo:{repository}:environment:{settings.github.environment}"
        ),
    )
    return (*ours, *settings.trust)


def _state(settings: BootstrapSettings) -> Iterator[Resource]:
    account = "Microsoft.Storage/storageAccounts"
    yield made(
        account,
        settings.storage_account,
        location=settings.region,
        tags=_tags(settings),
        kind="StorageV2",
        sku={"name": "Standard_GRS"},
        properties={
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "allowSharedKeyAccess": False,
            "allowBlobPublicAccess": False,
            "allowCrossTenantReplication": False,
            "defaultToOAuthAuthentication": True,
            "publicNetworkAccess": _access(settings),
            "networkAcls": {"bypass": "None", **_rules(settings)},
        },
    )
    kept = {"enabled": True, "days": settings.keep_days}
    service = {
        "isVersioningEnabled": True,
        "changeFeed": {"enabled": True},
        "deleteRetentionPolicy": kept,
        "containerDeleteRetentionPolicy": kept,
    }
    yield made(
        f"{account}/blobServices", settings.storage_account, "default", depends=[_id(account, settings.storage_account)], properties=service
    )
    yield made(
        f"{account}/blobServices/containers",
        *(settings.storage_account, "default", CONTAINER),
        depends=[_id(f"{account}/blobServices", settings.storage_account, "default")],
        properties={"publicAccess": "None"},
    )


def _vault(settings: BootstrapSettings) -> Iterator[Resource]:
    vault = "Microsoft.KeyVault/vaults"
    yield made(
        vault,
        settings.key_vault,
        location=settings.region,
        tags=_tags(settings),
        properties={
            "tenantId": settings.tenant,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 90,
            "enablePurgeProtection": True,
            "publicNetworkAccess": _access(settings),
            "networkAcls": {"bypass": "None", **_rules(settings)},
        },
    )
    key = {"kty": "RSA", "keySize": 3072}
    yield made(f"{vault}/keys", settings.key_vault, KEY, depends=[_id(vault, settings.key_vault)], properties=key)


def _trusted(settings: BootstrapSettings) -> Iterator[Resource]:
    """One after the other, so that no two are written to one identity at the same time."""
    identity = "Microsoft.ManagedIdentity/userAssignedIdentities"
    former: dict[str, str] = {}
    for trust in trusts(settings):
        name = identity_name(settings, trust.identity)
        after = former.get(name, _id(identity, name))
        properties = {"issuer": trust.issuer, "subject": trust.subject, "audiences": [facts()["github"]["audience"]]}
        yield made(f"{identity}/federatedIdentityCredentials", name, trust.name, depends=[after], properties=properties)
        former[name] = _id(f"{identity}/federatedIdentityCredentials", name, trust.name)


def _grants(settings: BootstrapSettings) -> Iterator[Resource]:
    scopes = {
        "container": _id("Microsoft.Storage/storageAccounts/blobServices/containers", settings.storage_account, "default", CONTAINER),
        "key": _id("Microsoft.KeyVault/vaults/keys", settings.key_vault, KEY),
    }
    for which in IDENTITIES:
        identity = _id("Microsoft.ManagedIdentity/userAssignedIdentities", identity_name(settings, which))
        version = facts()["versions"]["Microsoft.ManagedIdentity/userAssignedIdentities"]
        for grant in facts()["grant"]:
            scope = scopes[grant["on"]]
            yield made("Microsoft.Authorization/roleAssignments", "", depends=[identity, scope]) | {
                "name": f"[guid({scope[1:-1]}, {identity[1:-1]}, '{grant['id']}')]",
                "scope": scope,
                "properties": {
                    "roleDefinitionId": f"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{grant['id']}')]",
                    "principalId": f"[reference({identity[1:-1]}, '{version}').principalId]",
                    "principalType": "ServicePrincipal",
                    "description": grant["why"],
                },
            }


def _lock() -> Resource:
    notes = "Without the state Pulumi no longer knows what it made, and without the key nobody opens its secrets."
    return made("Microsoft.Authorization/locks", "keep", properties={"level": "CanNotDelete", "notes": notes})


def _access(settings: BootstrapSettings) -> str:
    return "Disabled" if settings.network == "private" else "Enabled"


def _rules(settings: BootstrapSettings) -> Resource:
    """A single address is written without its length, as storage accounts demand."""
    listed = [str(n.network_address) if n.prefixlen == 32 else str(n) for n in settings.addresses]
    return {"defaultAction": "Allow" if settings.network == "internet" else "Deny", "ipRules": [{"value": n} for n in listed]}


def _tags(settings: BootstrapSettings) -> dict[str, str]:
    return {"council": settings.council, "made-by": "unless bootstrap"}


def made(arm_type: str, *names: str, depends: list[str] | None = None, **more: Any) -> Resource:
    """A resource of a template, at the API version that we hold for its type."""
    resource: Resource = {"type": arm_type, "apiVersion": facts()["versions"][arm_type], "name": "/".join(names)}
    return resource | ({"dependsOn": depends} if depends else {}) | more


def deployment_of(template: Resource) -> Resource:
    """The properties of a deployment within another, whose expressions are worked out within it."""
    return {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"}, "template": template}


def _id(arm_type: str, *names: str) -> str:
    return f"[resourceId('{arm_type}', {', '.join(repr(n) for n in names)})]"
