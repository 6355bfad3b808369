# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

a = Thing("a", size=1)
Thing(
    "b",
    size=config.get_int("size") or 1,
    kept=config.get_int("kept") or 1,
    secretive="s3cr3t-value",
    opts=pulumi.ResourceOptions(
        depends_on=[a],
        ignore_changes=["kept"],
        retain_on_delete=True,
        deleted_with=a,
        custom_timeouts=pulumi.CustomTimeouts(create="30m", delete="1h30m"),
        additional_secret_outputs=["secretive"],
    ),
)
Thing("p", size=1, opts=pulumi.ResourceOptions(protect=True))
