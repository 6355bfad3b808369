"""Who may do what: built-in roles for a group of people, no standing owner."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pulumi
from pulumi_azure_native import authorization

# Built-in roles. Source: Microsoft Learn, "Azure built-in roles".
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
KEY_VAULT_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
VIRTUAL_MACHINE_ADMINISTRATOR_LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"


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
