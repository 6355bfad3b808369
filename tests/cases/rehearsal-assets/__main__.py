# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

Thing(
    "a",
    file=pulumi.FileAsset("page.html"),
    folder=pulumi.FileArchive("site"),
    text=pulumi.StringAsset(config.get("text") or "one"),
    mixed=pulumi.AssetArchive({"p": pulumi.FileAsset("page.html")}),
)
if config.get_bool("missing"):
    Thing("b", file=pulumi.FileAsset("absent.html"))
