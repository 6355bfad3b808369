"""A web application or a function on a plan of its own: HTTPS by TLS 1.2 or later, no FTP, no passwords, no way in from the internet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import web

from stacks.components import access
from stacks.components.diagnostics import diagnose
from stacks.components.function_storage import FunctionStorage
from stacks.components.place import Place
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.components.web_runtimes import Runtime
from stacks.site import Site

ZONE = "privatelink.azurewebsites.net"
SLOT = "next"


@dataclass(frozen=True)
class WebSpec:
    """What to build. `instances` of the plan, over zones where `spread`; `slot` for the next release beside the one that runs."""

    id: str
    runtime: Runtime
    linux: bool
    size: str
    instances: int
    spread: bool
    slot: bool
    health_path: str = ""


@dataclass(frozen=True)
class WebPlace:
    """Where it stands: besides the common place, the subnet it goes out through and the vault whose secrets it may read."""

    place: Place
    outward: pulumi.Input[str]
    vault_id: pulumi.Input[str]


class WebApp(pulumi.ComponentResource):
    """The plan, the application and, where asked for, its slot. With `storage` it is a function, which keeps its own things there."""

    def __init__(
        self, spec: WebSpec, site: Site, where: WebPlace, opts: pulumi.ResourceOptions, storage: FunctionStorage | None = None
    ) -> None:
        super().__init__("cloud-unless:components:WebApp", spec.id, None, opts)
        self._spec, self._at, self._where, self._storage = spec, site, where, storage
        self._child = pulumi.ResourceOptions(parent=self)
        self.plan = self._plan()
        self.app = self._app()
        self._no_passwords(self.app.name)
        self._grant(spec.id, self.app.identity)
        place = where.place
        private_endpoint(site, place.group, place.endpoints, Door(spec.id, self.app.id, "sites", [place.zone(ZONE)]), self._child)
        diagnose(spec.id, self.app.id, place.workspace, self._child)
        if spec.slot:
            self._slot()
        self.register_outputs({"id": self.app.id})

    def _plan(self) -> web.AppServicePlan:
        spec = self._spec
        return web.AppServicePlan(
            f"{spec.id}-plan",
            name=self._at.name("app-service-plan", spec.id),
            resource_group_name=self._where.place.group,
            location=self._at.region,
            tags=self._at.tags,
            kind="linux" if spec.linux else "app",
            reserved=spec.linux,
            sku=web.SkuDescriptionArgs(name=spec.size, tier="PremiumV3", capacity=spec.instances),
            zone_redundant=spec.spread,
            opts=self._child,
        )

    @property
    def _kind(self) -> str:
        kind = "functionapp" if self._storage else "app"
        return f"{kind},linux" if self._spec.linux else kind

    def _app(self) -> web.WebApp:
        name = self._at.name("function-app" if self._storage else "web-app", self._spec.id)
        return web.WebApp(
            f"{self._spec.id}-app", name=name, **self._settings(), opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect)
        )

    def _settings(self) -> dict[str, Any]:
        """What the application and its slot have alike."""
        return {
            "resource_group_name": self._where.place.group,
            "location": self._at.region,
            "tags": self._at.tags,
            "kind": self._kind,
            "reserved": self._spec.linux,
            "server_farm_id": self.plan.id,
            "identity": web.ManagedServiceIdentityArgs(type=web.ManagedServiceIdentityType.SYSTEM_ASSIGNED),
            "https_only": True,
            "client_affinity_enabled": False,
            "end_to_end_encryption_enabled": True,
            "public_network_access": "Disabled",
            "virtual_network_subnet_id": self._where.outward,
            "outbound_vnet_routing": web.OutboundVnetRoutingArgs(all_traffic=True),
            "site_config": self._config(),
        }

    def _config(self) -> web.SiteConfigArgs:
        spec = self._spec
        tls = web.SupportedTlsVersions.SUPPORTED_TLS_VERSIONS_1_2
        function_linux = spec.runtime.function_linux or spec.runtime.linux
        linux = function_linux if self._storage else spec.runtime.linux
        return web.SiteConfigArgs(
            always_on=True,
            ftps_state=web.FtpsState.DISABLED,
            min_tls_version=tls,
            scm_min_tls_version=tls,
            http20_enabled=True,
            remote_debugging_enabled=False,
            http_logging_enabled=True,
            vnet_route_all_enabled=True,
            ip_security_restrictions_default_action=web.DefaultAction.DENY,
            scm_ip_security_restrictions_default_action=web.DefaultAction.DENY,
            use32_bit_worker_process=None if spec.linux else False,
            linux_fx_version=linux if spec.linux else None,
            net_framework_version=None if spec.linux else spec.runtime.windows,
            health_check_path=spec.health_path or None,
            app_settings=self._app_settings(),
        )

    def _app_settings(self) -> list[web.NameValuePairArgs]:
        held: Mapping[str, pulumi.Input[str]] = {}
        if self._storage:
            held = {
                "AzureWebJobsStorage__accountName": self._storage.account.name,
                "FUNCTIONS_EXTENSION_VERSION": "~4",
                "FUNCTIONS_WORKER_RUNTIME": self._spec.runtime.worker,
            }
        return [web.NameValuePairArgs(name=name, value=value) for name, value in held.items()]

    def _no_passwords(self, app: pulumi.Input[str]) -> None:
        """Whoever deploys signs in through Entra: the publishing password works neither for FTP nor for the deployment site."""
        named: dict[str, Any] = {"name": app, "resource_group_name": self._where.place.group, "allow": False}
        web.WebAppFtpAllowed(f"{self._spec.id}-ftp", opts=self._child, **named)
        web.WebAppScmAllowed(f"{self._spec.id}-deployment", opts=self._child, **named)

    def _grant(self, name: str, identity: pulumi.Output[web.outputs.ManagedServiceIdentityResponse | None]) -> None:
        principal = identity.apply(lambda held: str(held.principal_id) if held else "")
        access.grant_service(f"{name}-reads-secrets", access.KEY_VAULT_SECRETS_USER, principal, self._where.vault_id, self._child)
        if self._storage:
            self._storage.let_in(name, principal, self._child)

    def _slot(self) -> None:
        spec = self._spec
        slot = web.WebAppSlot(
            f"{spec.id}-slot",
            name=self.app.name,
            slot=SLOT,
            **self._settings(),
            opts=self._child,
        )
        for kind, allowed in (("ftp", web.WebAppFtpAllowedSlot), ("deployment", web.WebAppScmAllowedSlot)):
            allowed(
                f"{spec.id}-slot-{kind}",
                name=self.app.name,
                slot=SLOT,
                resource_group_name=self._where.place.group,
                allow=False,
                opts=pulumi.ResourceOptions(parent=slot),
            )
        self._grant(f"{spec.id}-slot", slot.identity)
        place = self._where.place
        door = Door(f"{spec.id}-slot", self.app.id, f"sites-{SLOT}", [place.zone(ZONE)])
        private_endpoint(self._at, place.group, place.endpoints, door, pulumi.ResourceOptions(parent=self, depends_on=[slot]))
