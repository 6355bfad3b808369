# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

existing = Thing("e", opts=pulumi.ResourceOptions(id="thing-17"), size=None)
Thing("i", size=1, opts=pulumi.ResourceOptions(import_="thing-18"))
Thing("b", of=existing.id)
