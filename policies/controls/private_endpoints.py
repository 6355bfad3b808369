"""Private endpoints: a service has an address inside the network. Whether it answers outside is asked elsewhere, so this is advice.

Azure's own policies ask it of connections that somebody has approved. Those that a deployment makes by privateLinkServiceConnections
are approved at once; those of manualPrivateLinkServiceConnections wait for the service's owner, and do not count here.
"""

from __future__ import annotations

from typing import Final

from policies.answers import Judge
from policies.model import Control, GoldenRule, Severity
from policies.siblings import has_sibling

_ENDPOINTS: Final = ("azure-native:network:PrivateEndpoint",)
_has_one: Judge = has_sibling(_ENDPOINTS, "privateLinkServiceConnections[].privateLinkServiceId", what="private endpoint")


CONTROLS = (
    Control(
        id="storage-has-a-private-endpoint",
        title="Storage accounts are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:storage:StorageAccount",),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="key-vaults-have-a-private-endpoint",
        title="Key vaults and managed HSMs are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:keyvault:Vault",
            "azure-native:keyvault:ManagedHsm",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="databases-have-a-private-endpoint",
        title="Databases and data services are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:sql:Server",
            "azure-native:cosmosdb:DatabaseAccount",
            "azure-native:redis:Redis",
            "azure-native:redisenterprise:RedisEnterprise",
            "azure-native:synapse:Workspace",
            "azure-native:kusto:Cluster",
            "azure-native:databricks:Workspace",
            "azure-native:datafactory:Factory",
            "azure-native:purview:Account",
            "azure-native:dbforpostgresql:SingleServer",
            "azure-native:dbformysql:SingleServer",
            "azure-native:dbformariadb:Server",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="web-services-have-a-private-endpoint",
        title="Web apps, SignalR and Web PubSub are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:web:WebApp",
            "azure-native:signalrservice:SignalR",
            "azure-native:webpubsub:WebPubSub",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="message-services-have-a-private-endpoint",
        title="Services that carry messages are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:servicebus:Namespace",
            "azure-native:eventhub:Namespace",
            "azure-native:eventgrid:Topic",
            "azure-native:eventgrid:Domain",
            "azure-native:eventgrid:Namespace",
            "azure-native:iotcentral:App",
            "azure-native:deviceprovisioningservices:IotDpsResource",
            "azure-native:deviceupdate:Account",
            "azure-native:botservice:Bot",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="ai-services-have-a-private-endpoint",
        title="AI services are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:cognitiveservices:Account",
            "azure-native:search:Service",
            "azure-native:machinelearningservices:Workspace",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="recovery-vaults-have-a-private-endpoint",
        title="Recovery Services vaults are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("azure-native:recoveryservices:Vault",),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="platform-services-have-a-private-endpoint",
        title="App Configuration, Batch and Automation are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:appconfiguration:ConfigurationStore",
            "azure-native:batch:BatchAccount",
            "azure-native:automation:AutomationAccount",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="health-services-have-a-private-endpoint",
        title="Health services are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:healthcareapis:Service",
            "azure-native:healthcareapis:Workspace",
            "azure-native:healthdataaiservices:DeidService",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="desktops-and-registries-have-a-private-endpoint",
        title="Virtual desktops, registries, Grafana and Arc are reached by a private endpoint",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(
            "azure-native:containerregistry:Registry",
            "azure-native:desktopvirtualization:HostPool",
            "azure-native:desktopvirtualization:Workspace",
            "azure-native:dashboard:Grafana",
            "azure-native:hybridcompute:PrivateLinkScope",
        ),
        judge=_has_one,
        remedy="Add a network.PrivateEndpoint of the service in a subnet of the workload's.",
        mandatory=False,
        looks_around=True,
    ),
)
