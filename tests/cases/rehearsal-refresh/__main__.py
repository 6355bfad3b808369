# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


a = Thing("a", size=1, tags={"owner": "x"}, key=pulumi.Output.secret("s3cr3t-value"))
b = Thing("b", of=a.id, opts=pulumi.ResourceOptions(parent=a))
c = Thing("c", of=b.id, opts=pulumi.ResourceOptions(parent=b, depends_on=[b], deleted_with=b))
pulumi.export("size", a.size)
