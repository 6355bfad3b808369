# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


config = pulumi.Config()

for i in range(config.get_int("count") or 4):
    Thing(f"t{i}", size=config.get_int("size") or 1, opts=pulumi.ResourceOptions(replace_on_changes=["size"]))
