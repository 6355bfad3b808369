# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()


def told(args):
    raise RuntimeError("a hook must not run")


hook = pulumi.ResourceHook("told", told)
Thing("a", size=1, opts=pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(after_create=[hook])))
