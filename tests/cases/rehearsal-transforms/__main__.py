# type: ignore
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()


def tagged(args):
    return pulumi.ResourceTransformResult({**args.props, "tag": "all"}, args.opts) if args.custom else None


def bigger(args):
    return pulumi.ResourceTransformResult(
        {**args.props, "size": 2}, pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    )


pulumi.runtime.register_resource_transform(tagged)
pulumi.runtime.register_stack_transformation(lambda args: pulumi.ResourceTransformationResult({**args.props, "old": True}, args.opts))
Thing("a", size=1)
Thing("b", size=1, opts=pulumi.ResourceOptions(transforms=[bigger]))
