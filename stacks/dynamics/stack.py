"""Dynamics 365: what can be built today of the customer service platform, and a list of what waits."""

from __future__ import annotations

from dataclasses import asdict

import pulumi
import pulumi_azuread as azuread

from stacks.dynamics.described import DynamicsModel, Environment
from stacks.dynamics.settings import DynamicsSettings
from stacks.waiting import waiting


class CustomerService(pulumi.ComponentResource):
    """Who may enter each environment, and the identity by which other systems and the pipeline come in."""

    def __init__(self, settings: DynamicsSettings, model: DynamicsModel) -> None:
        super().__init__("cloud-unless:dynamics:CustomerService", f"{settings.council.id}-customer-service")
        self._settings = settings
        provider = azuread.Provider("entra", tenant_id=settings.tenant, opts=pulumi.ResourceOptions(parent=self))
        self._opts = pulumi.ResourceOptions(parent=self, provider=provider)
        self._kept = pulumi.ResourceOptions(parent=self, provider=provider, protect=settings.protect)
        self.groups = {e.id: self._group(e, "users") for e in model.environments}
        self.makers = {e.id: self._group(e, "makers") for e in model.environments if e.kind != "production"}
        self.application = self._application()
        self._pipeline()
        self.register_outputs({"application_id": self.application.client_id})

    def _group(self, environment: Environment, role: str) -> azuread.Group:
        """An environment is open to the whole tenant unless a group closes it."""
        name = f"{self._settings.council.id}-dynamics-{environment.id}-{role}"
        return azuread.Group(
            name,
            display_name=name,
            description=f"{role.capitalize()} of {environment.name} ({environment.classification})",
            security_enabled=True,
            mail_enabled=False,
            assignable_to_role=False,
            prevent_duplicate_names=True,
            owners=list(self._settings.owners),
            opts=self._kept,
        )

    def _application(self) -> azuread.Application:
        """It asks for no permission of Entra: what it may do is said by its security role in each environment."""
        name = f"{self._settings.council.id}-dynamics-integration"
        application = azuread.Application(
            name,
            display_name=name,
            description="Integration and deployment of the customer service platform",
            sign_in_audience="AzureADMyOrg",
            prevent_duplicate_names=True,
            owners=list(self._settings.owners),
            opts=self._kept,
        )
        self.principal = azuread.ServicePrincipal(
            f"{name}-principal",
            client_id=application.client_id,
            app_role_assignment_required=True,
            owners=list(self._settings.owners),
            opts=self._opts,
        )
        return application

    def _pipeline(self) -> None:
        held = self._settings.pipeline
        if held is None:
            return
        azuread.ApplicationFederatedIdentityCredential(
            "pipeline",
            application_id=self.application.id,
            display_name="pipeline",
            description="The pipeline signs in by its own token; there is no secret to keep or to lose",
            issuer=held.issuer,
            subject=held.subject,
            audiences=["api://AzureADTokenExchange"],
            opts=self._opts,
        )


def build(settings: DynamicsSettings, model: DynamicsModel) -> CustomerService:
    """Build what can be built and export it beside what waits."""
    made = CustomerService(settings, model)
    pulumi.export("application_id", made.application.client_id)
    pulumi.export("environment_group_ids", {k: g.object_id for k, g in made.groups.items()})
    pulumi.export("maker_group_ids", {k: g.object_id for k, g in made.makers.items()})
    pulumi.export("not_built_yet", [asdict(w) for w in waiting("dynamics")])
    pulumi.export("described", {"environments": len(model.environments), "tables": len(model.tables), "forms": len(model.forms)})
    return made
