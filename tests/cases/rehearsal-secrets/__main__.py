# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

password = config.require_secret("password")
Thing("a", password=password, nested={"deep": [pulumi.Output.secret("n3sted-secret")]}, plain=1)
pulumi.export("password", password)
pulumi.log.warn("the password is " + config.require("password"))
print("printed " + config.require("password"))
if config.get_bool("fail"):
    raise ValueError("cannot use " + config.require("password"))
