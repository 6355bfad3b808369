"""A key vault: roles decide who may read it, nothing is purged early, nobody reaches it from the internet."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from stacks.components.diagnostics import diagnose
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.site import Site


@dataclass(frozen=True)
class VaultPlace:
    """Ids that a vault needs from its surroundings."""

    group: pulumi.Input[str]
    tenant: str
    subnet: pulumi.Input[str]
    zone: pulumi.Input[str]
    workspace: pulumi.Input[str]


class KeyVault(pulumi.ComponentResource):
    """A vault with its private endpoint and its logs."""

    def __init__(self, name: str, site: Site, place: VaultPlace, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cloud-unless:components:KeyVault", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.vault = keyvault.Vault(
            f"{name}-vault",
            vault_name=site.name("key-vault", name),
            resource_group_name=place.group,
            location=site.region,
            tags=site.tags,
            properties=_properties(place.tenant),
            opts=pulumi.ResourceOptions(parent=self, protect=site.protect),
        )
        self.id = self.vault.id
        self.uri = self.vault.properties.apply(lambda held: str(held.vault_uri))
        private_endpoint(site, place.group, place.subnet, Door(name, self.vault.id, "vault", [place.zone]), child)
        diagnose(name, self.vault.id, place.workspace, child)
        self.register_outputs({"id": self.id})


def _properties(tenant: str) -> keyvault.VaultPropertiesArgs:
    return keyvault.VaultPropertiesArgs(
        tenant_id=tenant,
        sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
        enable_rbac_authorization=True,
        enable_soft_delete=True,
        soft_delete_retention_in_days=90,
        enable_purge_protection=True,
        enabled_for_deployment=False,
        enabled_for_template_deployment=False,
        enabled_for_disk_encryption=False,
        public_network_access="Disabled",
        network_acls=keyvault.NetworkRuleSetArgs(
            default_action=keyvault.NetworkRuleAction.DENY, bypass=keyvault.NetworkRuleBypassOptions.AZURE_SERVICES
        ),
    )
