"""How much processor time and memory the Azure Landing Zones library takes in rehearsal, against the Pulumi SDK's own mocks.

    python benchmarks/library_landing_zone.py [COPIES]

The program is our own hierarchy and governance on platform/alz 2026.04.2: 521 resources, and COPIES (8) trees of them under one stack to
see how it grows. Read from ../shared/data; not for Windows: it asks the system what its children used.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "../shared/data"
OURS = 521
PROGRAM = """\
import json
import sys
from pathlib import Path

import pulumi
from stacks.components.propagation import Patience
from stacks.landing_zone.enforcement import Stages
from stacks.landing_zone.governance import Governance
from stacks.landing_zone.hierarchy import Hierarchy
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library import Member, architecture_of, read_library

config = pulumi.Config()
data = Path(config.require("data"))
settings = LandingZoneSettings.model_validate_json(config.require("settings"))
member = Member("platform/alz", "2026.04.2")
architecture = architecture_of(read_library(data / "azure-landing-zones-library", [member], built_ins=data / "azure-policy"))
patience = Patience()
for copy in range(config.require_int("copies")):
    hierarchy = Hierarchy(settings, architecture, [], twin=f"t{copy}")
    Governance(settings, hierarchy, architecture, Stages(), patience)
"""
REHEARSE = """\
import json
import resource
import sys
from pathlib import Path
from rehearsal import rehearse

folder = Path(sys.argv[1])
preview = rehearse(folder, "dev", folder / "dev.json", config=json.loads(sys.argv[2]))
made = sum(s.new is not None and s.new["type"].startswith("azure-native:") for s in preview.steps)
print(json.dumps([made, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""
MOCK = """\
import asyncio
import json
import resource
import runpy
import sys
from pathlib import Path

import pulumi
from pulumi.runtime.stack import run_pulumi_func

made = []


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        made.append(args.name)
        return "/id/" + args.name, {"name": args.name, **args.inputs}

    def call(self, args):
        return {}


class Impatience:
    # The SDK's mocks have no error hooks; without them the program is the same.
    def hooks(self, kind):
        return None


import stacks.components.propagation

stacks.components.propagation.Patience = Impatience
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
pulumi.runtime.set_all_config({"bench:" + k: v for k, v in json.loads(sys.argv[2]).items()}, [])
pulumi.runtime.set_mocks(Mocks(), project="bench", stack="dev")
loop.run_until_complete(
    run_pulumi_func(lambda: runpy.run_path(str(Path(sys.argv[1]) / "__main__.py"), run_name="__main__") and None)
)
azure = len(made) - 3 * int(json.loads(sys.argv[2])["copies"])
print(json.dumps([azure, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0]))
"""
SETTINGS = {
    "stack": "landing-zone",
    "council": {"id": "exb", "name": "Exampleborough", "owner": "Digital", "cost_centre": "CC-1"},
    "tier": "small",
    "tenant": "7e0c3a52-0000-4000-8000-000000000001",
    "subscriptions": {"platform": "7e0c3a52-0000-4000-8000-000000000011"},
    "hub": {"address_space": "10.100.0.0/22", "spokes": "10.101.0.0/16"},
    "budget": {"monthly_pounds": 1, "starts_on": "2026-12-01", "contacts": ["a@example.org"]},
}


@dataclass(frozen=True)
class Used:
    """CPU seconds of all processes, resources made, and the most memory of the engine's process and the program's, in MB."""

    seconds: float
    made: int
    engine_mb: int
    program_mb: int


def measured(code: str, folder: Path, copies: int) -> Used:
    """Run the code in a process of its own."""
    (folder / "dev.json").unlink(missing_ok=True)
    config = json.dumps({"data": str(DATA.resolve()), "settings": json.dumps(SETTINGS), "copies": str(copies)})
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONPATH": str(ROOT)}
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), config], env=environment, check=True, timeout=900, capture_output=True, text=True
    )
    after = os.times()
    made, engine, program = json.loads(done.stdout.strip().splitlines()[-1])
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return Used(seconds, made, engine // 1024, program // 1024)


def main(copies: int) -> None:
    """Measure the library once and several times over, and print the figures."""
    if not (DATA / "azure-landing-zones-library").is_dir():
        sys.exit("../shared/data/azure-landing-zones-library is not here: nothing can be measured.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", "utf-8")
        (folder / "__main__.py").write_text(PROGRAM, "utf-8")
        measured(MOCK, folder, 1)  # compile what both load
        for told, code in (("rehearsal", REHEARSE), ("SDK mocks", MOCK)):
            start, once, often = (measured(code, folder, n) for n in (0, 1, copies))
            assert once.made == OURS and often.made == copies * OURS, (once, often)
            each = [(u.seconds - start.seconds) / u.made * 1000 for u in (once, often)]
            print(
                f"{told}: {once.made} resources in {once.seconds:.2f} s of CPU, of which start {start.seconds:.2f} s; {each[0]:.1f} ms each, "
                f"{each[1]:.1f} ms of {often.made:,}; {once.engine_mb} MB + {once.program_mb} MB"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
