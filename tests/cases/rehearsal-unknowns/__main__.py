# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

a = Thing("a", size=1, made=None)
b = Thing("b", of=a.id)
a.id.apply(lambda i: Thing("late", of=i))
pulumi.export("of", b.of)
