# type: ignore
import pulumi
from pulumi_azure_native import authorization


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

if config.get("call") == "unknown":
    pulumi.runtime.invoke("test:index:getWeather", {"town": "Exampleborough"})
client = authorization.get_client_config()
Thing("a", tenant=client.tenant_id, subscription=authorization.get_client_config_output().subscription_id)
