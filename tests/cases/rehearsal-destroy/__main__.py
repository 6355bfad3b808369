# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


config = pulumi.Config()
guarded = config.get_bool("protect") is not False

a = Thing("a", size=1, opts=pulumi.ResourceOptions(protect=guarded))
b = Thing("b", of=a.id, opts=pulumi.ResourceOptions(protect=guarded))
c = Thing("c", of=b.id, opts=pulumi.ResourceOptions(deleted_with=b))
Thing("d", of=a.id, opts=pulumi.ResourceOptions(retain_on_delete=True))
