# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


config = pulumi.Config()

size = config.get_int("size") or 1
first = pulumi.ResourceOptions(replace_on_changes=["size"], delete_before_replace=config.get_bool("later") is not True)
a = Thing("a", size=size, opts=first)
Thing("w", of=1, opts=pulumi.ResourceOptions(deleted_with=a, retain_on_delete=False))
