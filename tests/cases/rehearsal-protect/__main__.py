# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

if config.get_bool("p") is not False:
    opts = pulumi.ResourceOptions(protect=config.get_bool("protect") is not False, replace_on_changes=["size"])
    Thing("p", size=config.get_int("size") or 1, opts=opts)
