# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()


class Site(Group):
    def __init__(self, name):
        super().__init__(name)
        one = Thing(f"{name}-one", size=1, opts=pulumi.ResourceOptions(parent=self))
        inner = Group(f"{name}-inner", pulumi.ResourceOptions(parent=self))
        Thing(f"{name}-two", of=one.id, opts=pulumi.ResourceOptions(parent=inner))
        self.register_outputs({"size": one.size})


if config.get_bool("site") is not False:
    Site("s")
