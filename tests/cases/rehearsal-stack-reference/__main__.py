# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

if pulumi.get_stack() == "base":
    a = Thing("a", size=1)
    pulumi.export("size", a.size)
    pulumi.export("key", pulumi.Output.secret("very-secret-key"))
else:
    base = pulumi.StackReference(config.get("base") or "organization/case/base")
    Thing("b", size=base.require_output(config.get("output") or "size"), key=base.get_output("key"))
    pulumi.export("size", base.get_output("size"))
