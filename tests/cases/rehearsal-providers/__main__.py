# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()


class Cloud(pulumi.ProviderResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("test", name, props, opts)


east = Cloud("east", region=config.get("region") or "east")
Thing("a", size=1, opts=pulumi.ResourceOptions(provider=east))
Thing("b", size=1)
group = Group("g", pulumi.ResourceOptions(providers=[east]))
Thing("c", size=1, opts=pulumi.ResourceOptions(parent=group))
