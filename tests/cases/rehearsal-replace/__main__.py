# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

how = {"first": True, "last": False}.get(config.get("delete"))
a = Thing("a", size=config.get_int("size") or 1, opts=pulumi.ResourceOptions(replace_on_changes=["size"], delete_before_replace=how))
Thing("b", of=a.size)
