# type: ignore
import pulumi
from pulumi_azure_native import network, resources, storage

config = pulumi.Config()

group = resources.ResourceGroup("group", resource_group_name=config.get("name") or "rg-one")
net = network.VirtualNetwork("net", resource_group_name=group.name, address_space={"address_prefixes": ["10.0.0.0/16"]})
subnet = network.Subnet(
    "subnet", resource_group_name=group.name, virtual_network_name=net.name, address_prefix=config.get("prefix") or "10.0.0.0/24"
)
account = storage.StorageAccount(
    "account",
    resource_group_name=group.name,
    account_name="stcase",
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    identity={"type": "SystemAssigned"},
)
pulumi.export("subnet", subnet.id)
pulumi.export("blob", account.primary_endpoints.blob)
pulumi.export("principal", account.identity.principal_id)
