"""Who may do what: built-in roles for a group of people, no standing owner."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pulumi
from pulumi_azure_native import authorization

# Built-in roles. Source: Microsoft Learn, "Azure built-in roles".
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
KEY_VAULT_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
VIRTUAL_MACHINE_ADMINISTRATOR_LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"
VIRTUAL_MACHINE_USER_LOGIN = "fb879df8-f326-4884-b1cf-06f3ad86be52"
KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
STORAGE_ACCOUNT_BACKUP_CONTRIBUTOR = "e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1"
STORAGE_BLOB_DATA_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
STORAGE_QUEUE_DATA_CONTRIBUTOR = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"
STORAGE_TABLE_DATA_CONTRIBUTOR = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
POSTGRESQL_LONG_TERM_RETENTION_BACKUP = "c088a766-074b-43ba-90d4-1fb21feae531"
DESKTOP_VIRTUALIZATION_USER = "1d18fff3-a72a-46b5-b4a9-0b38a3cd7e63"


def grant(
    name: str, role: str, group: pulumi.Input[str], scope: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> authorization.RoleAssignment:
    """Give the Entra group (an id) a role (a built-in role's id) on `scope`."""
    return authorization.RoleAssignment(
        f"{name}-access",
        # The name must be a GUID: the same one for the same grant, so that a second run finds it.
        role_assignment_name=pulumi.Output.from_input(group).apply(lambda g: str(uuid5(NAMESPACE_URL, f"cloud-unless/{name}/{role}/{g}"))),
        role_definition_id=f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        principal_id=group,
        principal_type=authorization.PrincipalType.GROUP,
        scope=scope,
        opts=opts,
    )


def grant_service(
    name: str, role: str, principal: pulumi.Input[str], scope: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> authorization.RoleAssignment:
    """Give a managed identity (its principal's id, known only once it is made) a role on `scope`."""
    return authorization.RoleAssignment(
        f"{name}-access",
        role_assignment_name=str(uuid5(NAMESPACE_URL, f"cloud-unless/{name}/{role}")),
        role_definition_id=f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        principal_id=principal,
        # Said outright, so that Azure does not look up an identity that its directory may not know yet.
        principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
        scope=scope,
        opts=opts,
    )
