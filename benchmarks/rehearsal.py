"""How much processor time a rehearsal takes, against the Pulumi SDK's own mocks on the same program in the same run.

    python benchmarks/rehearsal.py [RESOURCES]

Both run the program in a process of its own. The time of loading azure-native (measured with the smallest program, for
each) is told apart from the time a resource takes. Not for Windows: it asks the system what its children used.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """\
import sys

import pulumi
from pulumi_azure_native import authorization, network, resources, storage

count = pulumi.Config().require_int("count")
group = resources.ResourceGroup("group")
for i in range((count - 1) // 4):
    net = network.VirtualNetwork(
        f"net-{i}",
        resource_group_name=group.name,
        address_space=network.AddressSpaceArgs(address_prefixes=[f"10.{i % 250}.0.0/16"]),
        tags={"owner": "Digital", "service": "benchmark"},
    )
    network.Subnet(f"subnet-{i}", resource_group_name=group.name, virtual_network_name=net.name, address_prefix=f"10.{i % 250}.0.0/24")
    account = storage.StorageAccount(
        f"account{i}",
        resource_group_name=group.name,
        kind=storage.Kind.STORAGE_V2,
        sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS),
        minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
        network_rule_set=storage.NetworkRuleSetArgs(default_action=storage.DefaultAction.DENY),
    )
    authorization.RoleAssignment(
        f"role-{i}",
        scope=account.id,
        principal_id="00000000-0000-0000-0000-000000000000",
        role_definition_id="/providers/Microsoft.Authorization/roleDefinitions/reader",
    )
"""
REHEARSE = """\
import sys
from pathlib import Path
from rehearsal import rehearse

rehearse(Path(sys.argv[1]), "dev", Path(sys.argv[1]) / "dev.json", config={"count": sys.argv[2]})
"""
MOCK = """\
import asyncio
import runpy
import sys
from pathlib import Path

import pulumi
from pulumi.runtime.stack import run_pulumi_func

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return "/id/" + args.name, {"name": args.name, **args.inputs}

    def call(self, args):
        return {}

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
pulumi.runtime.set_all_config({"bench:count": sys.argv[2]}, [])
pulumi.runtime.set_mocks(Mocks(), project="bench", stack="dev")
loop.run_until_complete(
    run_pulumi_func(lambda: runpy.run_path(str(Path(sys.argv[1]) / "__main__.py"), run_name="__main__") and None)
)
"""


def cpu_seconds(code: str, folder: Path, count: int) -> float:
    """Processor time of the code and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    for kept in ("dev.json", "azure.jsonl"):
        (folder / kept).unlink(missing_ok=True)
    subprocess.run([sys.executable, "-c", code, str(folder), str(count)], env=environment, check=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure both and print the ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", "utf-8")
        (folder / "__main__.py").write_text(PROGRAM, "utf-8")
        cpu_seconds(MOCK, folder, 5)  # compile what both load
        for told, code in (("rehearsal", REHEARSE), ("SDK mocks", MOCK)):
            small, large = cpu_seconds(code, folder, 5), cpu_seconds(code, folder, count)
            each = (large - small) / (count - 5) * 1000
            print(f"{told:10} {count} resources: {large:6.2f} s CPU, of which start {small:.2f} s; {each:5.1f} ms a resource")
            if code is REHEARSE:
                ours, ours_each = large, each
            else:
                print(f"ratio: {large / ours:.1f} times the processor time in all, {each / ours_each:.1f} times a resource")  # pyright: ignore[reportPossiblyUnboundVariable]


if __name__ == "__main__":
    main()
