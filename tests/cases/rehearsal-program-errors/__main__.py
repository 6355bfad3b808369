# type: ignore
import os
import sys

import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"test:index:{kind}", name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


config = pulumi.Config()

Thing("a", size=1)
match config.get("how"):
    case "run-error":
        raise pulumi.RunError("The hub's address space overlaps the council's.")
    case "log-error":
        pulumi.log.error("The tier is not one of small, standard.")
    case "unexpected":
        {}["hub"]
    case "many":
        wrong = ValueError("two")
        wrong.faults = ("First, mend this.", "Second, mend that.")
        raise wrong
    case "leave":
        sys.exit(4)
    case "late":
        pulumi.Output.from_input(1).apply(lambda _: 1 / 0)
    case "config":
        config.require("hub")
    case "die":
        os._exit(7)
