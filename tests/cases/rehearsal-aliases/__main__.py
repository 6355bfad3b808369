# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

new = config.get_bool("new")
site = Group("site-new" if new else "site", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="site")] if new else None))
Thing("site-new-part" if new else "site-part", size=1, opts=pulumi.ResourceOptions(parent=site))
Thing("b" if new else "a", size=1, opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="a")] if new else None))
Thing(
    "moved",
    size=1,
    opts=pulumi.ResourceOptions(parent=site if new else None, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)] if new else None),
)
