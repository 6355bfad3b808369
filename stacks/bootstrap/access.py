"""The template that gives the pipeline's identities their roles: one deployment to the management group above the council's own.

The role of whoever deploys is defined there and given one group lower. Azure lets somebody change a role who may write roles at all its
assignable scopes: so the identity that has the role, and may write roles where it has it, cannot widen it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from stacks.bootstrap.deployer import actions, gives_rights, held, not_actions, roles_given
from stacks.bootstrap.settings import BootstrapSettings
from stacks.bootstrap.template import Resource, deployment_of, facts, group_name, identity_name, made

_GROUPS: Final = "Microsoft.Management/managementGroups"
_ROLES: Final = "Microsoft.Authorization/roleDefinitions"
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_GIVING: Final = "Microsoft.Authorization/roleAssignments"


def parent_of(settings: BootstrapSettings) -> str:
    """The management group above the council's own: what the settings name, else the tenant's root group, which has the tenant's id."""
    return settings.parent or settings.tenant


def role_id(settings: BootstrapSettings) -> str:
    """The GUID of the role for `up`: the same for the same council of a tenant, so that a second run finds it."""
    return str(uuid5(NAMESPACE_URL, f"cloud-unless/bootstrap/{settings.tenant}/{settings.council}/deployer"))


def may_give(settings: BootstrapSettings) -> tuple[str, ...]:
    """Ids of the roles that `up` can give: those that the stacks give, and what the settings add."""
    return tuple(sorted({*roles_given(), *settings.may_give}))


def warnings_of(settings: BootstrapSettings) -> tuple[str, ...]:
    """What to know before the templates are carried out: a role by which every other can be had, a connection that nothing trusts."""
    strong = [f"may_give has {i}: whoever can give that role can give themselves every other one." for i in gives_rights(settings.may_give)]
    trusted = {t.identity for t in settings.trust}
    wanted = ("preview", "up") if settings.azure_devops else ()
    missing = [
        f"Nothing trusts the service connection of {i} yet: add its [[trust]], and run this again." for i in wanted if i not in trusted
    ]
    return (*strong, *missing)


def access_of(settings: BootstrapSettings) -> Resource:
    """The whole template, for `az deployment mg create` at `parent_of(settings)`."""
    inner = _template(list(_given(settings)))
    nested = made("Microsoft.Resources/deployments", f"cloud-unless-access-{settings.council}", location=settings.region)
    nested |= {
        "scope": f"{_GROUPS}/{settings.council}",
        "dependsOn": [f"[extensionResourceId({_group(parent_of(settings))}, '{_ROLES}', '{role_id(settings)}')]"],
        "properties": deployment_of(inner),
    }
    return _template([_role(settings), nested])


def _template(resources: list[Resource]) -> Resource:
    schema = "https://schema.management.azure.com/schemas/2019-08-01/managementGroupDeploymentTemplate.json#"
    return {"$schema": schema, "contentVersion": "1.0.0.0", "resources": resources}


def _role(settings: BootstrapSettings) -> Resource:
    said = held()["up"]
    permission = {"actions": list(actions(settings.stacks)), "notActions": list(not_actions())}
    properties: dict[str, Any] = {
        # Names of roles are one in a tenant.
        "roleName": f"{said['title']} ({settings.council})",
        "description": said["why"],
        "type": "CustomRole",
        "permissions": [permission],
        "assignableScopes": [f"[{_group(parent_of(settings))}]"],
    }
    return made(_ROLES, role_id(settings), properties=properties)


def _given(settings: BootstrapSettings) -> Iterator[Resource]:
    preview, up = held()["preview"], held()["up"]
    yield _giving(settings, "preview", f"[tenantResourceId('{_ROLES}', '{preview['id']}')]", preview["why"])
    above = f"[extensionResourceId({_group(parent_of(settings))}, '{_ROLES}', '{role_id(settings)}')]"
    condition = {"condition": condition_of(may_give(settings)), "conditionVersion": "2.0"}
    yield _giving(settings, "up", above, up["why"], condition)


def _giving(settings: BootstrapSettings, which: str, role: str, why: str, more: dict[str, str] | None = None) -> Resource:
    name = identity_name(settings, which)
    identity = f"/subscriptions/{settings.subscription}/resourceGroups/{group_name(settings)}/providers/{_IDENTITIES}/{name}"
    version = facts()["versions"][_IDENTITIES]
    return made(_GIVING, "") | {
        "name": f"[guid({_group(settings.council)}, '{identity}', '{which}')]",
        "properties": {
            "roleDefinitionId": role,
            "principalId": f"[reference('{identity}', '{version}').principalId]",
            "principalType": "ServicePrincipal",
            "description": why,
            **(more or {}),
        },
    }


def condition_of(ids: Iterable[str]) -> str:
    """Azure's condition upon giving and taking away roles: only these. Each verb has an attribute of its own, so each is said alone."""
    listed = "{" + ", ".join(ids) + "}"
    return " AND ".join(_only(verb, source, listed) for verb, source in (("write", "Request"), ("delete", "Resource")))


def _only(verb: str, source: str, listed: str) -> str:
    other = f"!(ActionMatches{{'{_GIVING}/{verb}'}})"
    return f"(({other}) OR (@{source}[{_GIVING}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {listed}))"


def _group(name: str) -> str:
    return f"tenantResourceId('{_GROUPS}', '{name}')"
