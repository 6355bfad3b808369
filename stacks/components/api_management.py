"""API management, reached by a private endpoint and itself reaching what stands in the private network.

Standard v2 is the least tier with both. Azure refuses to make one that is closed to the internet: it can be closed only once it stands
with its private endpoint, so a request says `closed = false` first and `closed = true` at the next `pulumi up`. Sources: Microsoft Learn,
"Feature-based comparison of the Azure API Management tiers" and "Integrate with a private virtual network for outbound connections";
the error ActivateServiceWithPrivateEndpointAccessNotAllowed as public repositories quote it; read 2026-11-24.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import apimanagement

from stacks.components.diagnostics import diagnose
from stacks.components.place import Place
from stacks.components.private_endpoint import Door, private_endpoint
from stacks.site import Site

ZONE = "privatelink.azure-api.net"
_SECURITY = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security"
# Old protocols and ciphers, switched off towards callers and towards what stands behind. Source: azure-native 3.29.0, custom_properties.
_OLD = (
    "Protocols.Tls10",
    "Protocols.Tls11",
    "Protocols.Ssl30",
    "Backend.Protocols.Tls10",
    "Backend.Protocols.Tls11",
    "Backend.Protocols.Ssl30",
    "Ciphers.TripleDes168",
)


@dataclass(frozen=True)
class ApiSpec:
    """What to build. `publisher` and `contact` appear on the developers' pages."""

    id: str
    publisher: str
    contact: str
    units: int
    closed: bool


class ApiManagement(pulumi.ComponentResource):
    """The service with its private endpoint."""

    def __init__(self, spec: ApiSpec, site: Site, place: Place, outward: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud-unless:components:ApiManagement", spec.id, None, opts)
        am = apimanagement
        child = pulumi.ResourceOptions(parent=self)
        self.service = am.ApiManagementService(
            f"{spec.id}-api-management",
            service_name=site.name("api-management", spec.id),
            resource_group_name=place.group,
            location=site.region,
            tags=site.tags,
            sku=am.ApiManagementServiceSkuPropertiesArgs(name=am.SkuType.STANDARD_V2, capacity=spec.units),
            publisher_name=spec.publisher,
            publisher_email=spec.contact,
            custom_properties={f"{_SECURITY}.{name}": "False" for name in _OLD},
            identity=am.ApiManagementServiceIdentityArgs(type=am.ApimIdentityType.SYSTEM_ASSIGNED),
            public_network_access=am.PublicNetworkAccess.DISABLED if spec.closed else am.PublicNetworkAccess.ENABLED,
            virtual_network_type=am.VirtualNetworkType.EXTERNAL,
            virtual_network_configuration=am.VirtualNetworkConfigurationArgs(subnet_resource_id=outward),
            opts=pulumi.ResourceOptions(parent=self, protect=site.protect),
        )
        private_endpoint(site, place.group, place.endpoints, Door(spec.id, self.service.id, "Gateway", [place.zone(ZONE)]), child)
        diagnose(spec.id, self.service.id, place.workspace, child)
        self.register_outputs({"id": self.service.id})
