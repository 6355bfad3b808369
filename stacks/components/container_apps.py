"""Containers in an environment that only the private network reaches, from a registry of the workload's own, without passwords.

An environment with an internal address takes names in a domain that Azure makes up for it; a private DNS zone for that domain, joined to
the hub's network, leads them there. Source: Microsoft Learn, "Networking in Azure Container Apps environment" (read 2026-11-24).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import app, containerregistry, managedidentity, privatedns

from stacks.components import access
from stacks.components.diagnostics import diagnose
from stacks.components.place import Place
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.site import Site

REGISTRY_ZONE = "privatelink.azurecr.io"
_PROFILE = "Consumption"
# The Consumption profile gives two GiB of memory to each core. Source: Microsoft Learn, "Containers in Azure Container Apps".
_GIB_PER_CORE = 2


@dataclass(frozen=True)
class ContainerSpec:
    """One container. `image` is a name and tag in the registry, or "" while nobody has pushed it."""

    id: str
    image: str
    port: int
    cpu: float
    least_replicas: int
    most_replicas: int


@dataclass(frozen=True)
class ContainersPlace:
    """Where they stand: besides the common place, the subnet of the environment and the hub's network, whose names must resolve."""

    place: Place
    subnet: pulumi.Input[str]
    hub_network: pulumi.Input[str]
    vault_id: pulumi.Input[str]


class ContainerApps(pulumi.ComponentResource):
    """A workload's registry, environment and containers."""

    def __init__(
        self, name: str, specs: Sequence[ContainerSpec], spread: bool, site: Site, where: ContainersPlace, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("cloud-unless:components:ContainerApps", f"{name}-containers", None, opts)
        self._of, self._at, self._where = name, site, where
        self._child = pulumi.ResourceOptions(parent=self)
        self._identity = self._make_identity()
        self.registry = self._make_registry(spread)
        may_read = [
            access.grant_service(f"{name}-pulls", access.ACR_PULL, self._identity.principal_id, self.registry.id, self._child),
            access.grant_service(
                f"{name}-reads-secrets", access.KEY_VAULT_SECRETS_USER, self._identity.principal_id, where.vault_id, self._child
            ),
        ]
        self.environment = self._make_environment(spread)
        self._names()
        for spec in specs:
            if spec.image:
                self._container(spec, may_read)
        self.register_outputs({"registry": self.registry.login_server, "domain": self.environment.default_domain})

    def _make_identity(self) -> managedidentity.UserAssignedIdentity:
        """One identity for all of them, which exists before the first container must fetch its image."""
        return managedidentity.UserAssignedIdentity(
            f"{self._of}-containers-identity",
            resource_name_=self._at.name("identity", self._of, "containers"),
            resource_group_name=self._where.place.group,
            location=self._at.region,
            tags=self._at.tags,
            opts=self._child,
        )

    def _make_registry(self, spread: bool) -> containerregistry.Registry:
        """Premium, since no other has private endpoints."""
        cr = containerregistry
        place = self._where.place
        registry = cr.Registry(
            f"{self._of}-registry",
            registry_name=self._at.name("container-registry", self._of),
            resource_group_name=place.group,
            location=self._at.region,
            tags=self._at.tags,
            sku=cr.SkuArgs(name=cr.SkuName.PREMIUM),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            public_network_access=cr.PublicNetworkAccess.DISABLED,
            network_rule_bypass_options=cr.NetworkRuleBypassOptions.NONE,
            zone_redundancy=cr.ZoneRedundancy.ENABLED if spread else cr.ZoneRedundancy.DISABLED,
            policies=cr.PoliciesArgs(export_policy=cr.ExportPolicyArgs(status=cr.ExportPolicyStatus.DISABLED)),
            opts=pulumi.ResourceOptions(parent=self, protect=self._at.protect),
        )
        door = Door(f"{self._of}-registry", registry.id, "registry", [place.zone(REGISTRY_ZONE)])
        private_endpoint(self._at, place.group, place.endpoints, door, self._child)
        diagnose(f"{self._of}-registry", registry.id, place.workspace, self._child)
        return registry

    def _make_environment(self, spread: bool) -> app.ManagedEnvironment:
        environment = app.ManagedEnvironment(
            f"{self._of}-environment",
            environment_name=self._at.name("container-environment", self._of),
            resource_group_name=self._where.place.group,
            location=self._at.region,
            tags=self._at.tags,
            zone_redundant=spread,
            public_network_access=app.PublicNetworkAccess.DISABLED,
            vnet_configuration=app.VnetConfigurationArgs(infrastructure_subnet_id=self._where.subnet, internal=True),
            workload_profiles=[app.WorkloadProfileArgs(name=_PROFILE, workload_profile_type=_PROFILE)],
            app_logs_configuration=app.AppLogsConfigurationArgs(destination="azure-monitor"),
            peer_traffic_configuration=app.ManagedEnvironmentPeerTrafficConfigurationArgs(
                encryption=app.ManagedEnvironmentEncryptionArgs(enabled=True)
            ),
            opts=self._child,
        )
        diagnose(f"{self._of}-environment", environment.id, self._where.place.workspace, self._child)
        return environment

    def _names(self) -> None:
        group = self._where.place.group
        zone = privatedns.PrivateZone(
            f"{self._of}-containers-zone",
            private_zone_name=self.environment.default_domain,
            resource_group_name=group,
            location="Global",
            tags=self._at.tags,
            opts=self._child,
        )
        privatedns.PrivateRecordSet(
            f"{self._of}-containers-names",
            private_zone_name=zone.name,
            resource_group_name=group,
            record_type="A",
            relative_record_set_name="*",
            ttl=300,
            a_records=[privatedns.ARecordArgs(ipv4_address=self.environment.static_ip)],
            opts=pulumi.ResourceOptions(parent=zone),
        )
        privatedns.VirtualNetworkLink(
            f"{self._of}-containers-hub",
            virtual_network_link_name="hub",
            private_zone_name=zone.name,
            resource_group_name=group,
            location="Global",
            tags=self._at.tags,
            virtual_network=privatedns.SubResourceArgs(id=self._where.hub_network),
            registration_enabled=False,
            opts=pulumi.ResourceOptions(parent=zone),
        )

    def _container(self, spec: ContainerSpec, may_read: Sequence[pulumi.Resource]) -> None:
        name = self._at.name("container-app", spec.id)
        image = pulumi.Output.concat(self.registry.login_server, "/", spec.image)
        resources = app.ContainerResourcesArgs(cpu=spec.cpu, memory=f"{spec.cpu * _GIB_PER_CORE:g}Gi")
        app.ContainerApp(
            f"{spec.id}-container",
            container_app_name=name,
            resource_group_name=self._where.place.group,
            location=self._at.region,
            tags=self._at.tags,
            environment_id=self.environment.id,
            workload_profile_name=_PROFILE,
            identity=app.ManagedServiceIdentityArgs(
                type=app.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[self._identity.id]
            ),
            configuration=self._configuration(spec),
            template=app.TemplateArgs(
                containers=[app.ContainerArgs(name=name, image=image, resources=resources)],
                scale=app.ScaleArgs(min_replicas=spec.least_replicas, max_replicas=spec.most_replicas),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(may_read)),
        )

    def _configuration(self, spec: ContainerSpec) -> app.ConfigurationArgs:
        """`external` lets the private network in: the environment itself has no address on the internet."""
        return app.ConfigurationArgs(
            active_revisions_mode=app.ActiveRevisionsMode.SINGLE,
            registries=[app.RegistryCredentialsArgs(server=self.registry.login_server, identity=self._identity.id)],
            ingress=app.IngressArgs(
                external=True,
                allow_insecure=False,
                target_port=spec.port,
                transport=app.IngressTransportMethod.AUTO,
                traffic=[app.TrafficWeightArgs(latest_revision=True, weight=100)],
            ),
        )
