# type: ignore
import pulumi
from pulumi_azure_native import authorization, keyvault, management, network, resources

config = pulumi.Config()
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
PLATFORM = f"{SUBSCRIPTION}/resourceGroups/rg-platform"
ROLE = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"


def grant(name, scope):
    authorization.RoleAssignment(name, scope=scope, principal_id="22222222-2222-4222-8222-222222222222", role_definition_id=ROLE)


if pulumi.get_stack() == "platform" and config.get("platform") != "none":
    group = resources.ResourceGroup("group", resource_group_name="rg-platform")
    space = {"address_prefixes": ["10.0.0.0/16"]}
    net = network.VirtualNetwork("net", resource_group_name=group.name, virtual_network_name="vnet", address_space=space)
    part = {"virtual_network_name": net.name, "subnet_name": "snet", "address_prefix": "10.0.0.0/24"}
    network.Subnet("subnet", resource_group_name=group.name, **part)
    top = management.ManagementGroup("top", group_id="top")
    keyvault.Vault(
        "vault",
        resource_group_name=group.name,
        vault_name="kv-case",
        properties={
            "tenant_id": "33333333-3333-4333-8333-333333333333",
            "sku": {"family": "A", "name": "standard"},
            "create_mode": config.get("mode"),
        },
    )
    grant("reader", group.id)
if pulumi.get_stack() == "workload":
    group = resources.ResourceGroup("workload", resource_group_name="rg-workload")
    network.NetworkInterface(
        "nic",
        resource_group_name=group.name,
        network_interface_name="nic",
        ip_configurations=[{"name": "one", "subnet": {"id": f"{PLATFORM}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/snet"}}],
    )
    network.PublicIPAddress("inside", resource_group_name="rg-platform", public_ip_address_name="pip")
    parent = {"parent": {"id": "/providers/Microsoft.Management/managementGroups/top"}}
    management.ManagementGroup("child", group_id="child", details=parent)
    if config.get_bool("twin"):
        resources.ResourceGroup("twin", resource_group_name="rg-platform")
        grant("again", PLATFORM)
