"""Microsoft 365: one security group for each persona of staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pulumi
import pulumi_azuread as azuread

from stacks.microsoft365.personas import Persona
from stacks.microsoft365.settings import Microsoft365Settings
from stacks.waiting import waiting


class Personas(pulumi.ComponentResource):
    """The groups, by persona id."""

    def __init__(self, settings: Microsoft365Settings, personas: Sequence[Persona]) -> None:
        super().__init__("cloud-unless:microsoft365:Personas", "personas")
        self._settings = settings
        provider = azuread.Provider("entra", tenant_id=settings.tenant, opts=pulumi.ResourceOptions(parent=self))
        self._opts = pulumi.ResourceOptions(parent=self, provider=provider, protect=settings.protect)
        self.groups = {p.id: self._group(p) for p in personas}
        self.register_outputs({"groups": {k: g.object_id for k, g in self.groups.items()}})

    def _group(self, persona: Persona) -> azuread.Group:
        name = f"{self._settings.council.id}-persona-{persona.id}"
        by_rule = bool(persona.rule) and self._settings.dynamic
        return azuread.Group(
            name,
            display_name=name,
            description=f"{persona.name}: {persona.description}. Licence: {persona.licence}.",
            security_enabled=True,
            mail_enabled=False,
            # Only a group that can hold directory roles may not be changed by group administrators; personas hold none.
            assignable_to_role=False,
            prevent_duplicate_names=True,
            owners=list(self._settings.owners),
            types=["DynamicMembership"] if by_rule else None,
            dynamic_membership=azuread.GroupDynamicMembershipArgs(enabled=True, rule=persona.rule) if by_rule else None,
            opts=self._opts,
        )


def build(settings: Microsoft365Settings, personas: Sequence[Persona]) -> Personas:
    """Build the groups and export their ids and what waits."""
    made = Personas(settings, personas)
    pulumi.export("persona_group_ids", {k: g.object_id for k, g in made.groups.items()})
    pulumi.export("not_built_yet", [asdict(w) for w in waiting("microsoft365")])
    return made
