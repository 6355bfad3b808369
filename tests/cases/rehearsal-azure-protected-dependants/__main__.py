# type: ignore
import pulumi
from pulumi_azure_native import network, resources

config = pulumi.Config()

group = resources.ResourceGroup("group", resource_group_name=config.get("name") or "rg-one")
guarded = pulumi.ResourceOptions(protect=config.get_bool("protect") is not False)
network.VirtualNetwork("net", resource_group_name=group.name, virtual_network_name="net", opts=guarded)
