# type: ignore
import asyncio

import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()


async def main():
    await asyncio.sleep(0)
    a = Thing("a", size=1)
    return {"size": a.size}


pulumi.run(main)
