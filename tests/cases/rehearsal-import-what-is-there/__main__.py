# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


config = pulumi.Config()
stack = pulumi.get_stack()

if stack == "one" and config.get_bool("a") is not False:
    Thing("a", size=1, opts=pulumi.ResourceOptions(retain_on_delete=True))
if stack == "two":
    Thing("a", size=config.get_int("size") or 1, opts=pulumi.ResourceOptions(import_=config.get("id")))
