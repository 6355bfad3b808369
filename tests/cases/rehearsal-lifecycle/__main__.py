# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

a = Thing("a", size=config.get_int("size") or 1, tags={"owner": "x", "a.b": "c"})
if config.get_bool("with_b") is not False:
    b = Thing("b", of=a.id, opts=pulumi.ResourceOptions(depends_on=[a]))
    Thing("c", of=b.id)
pulumi.export("size", a.size)
