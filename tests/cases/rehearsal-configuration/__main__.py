# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

Thing(
    "a",
    nested=config.require_object("nested"),
    flag=config.require_bool("flag"),
    number=config.require_int("number"),
    plain=config.require("plain"),
    default=config.require("default"),
    region=pulumi.Config("azure-native").require("location"),
    names=[pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()],
    day=config.require("day"),
)
