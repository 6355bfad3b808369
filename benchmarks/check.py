"""Judge many resources by every control: in process, from start to end, and beside Checkov on the same template where that is installed.

The resources of the preview are those of the controls' own case files, over and over, each time as a stack of its own, so that every type
and every branch is met; those of the template are storage accounts, key vaults, network rules and SQL servers, half of them wrong.
Run: python benchmarks/check.py [RESOURCES] [--checkov PATH]
Checkov goes into an environment of its own: python3 -m venv FOLDER; FOLDER/bin/pip install checkov; then --checkov FOLDER/bin/checkov.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, islice
from pathlib import Path
from typing import Any

from policies.catalogue import all_controls
from policies.evaluate import judge_all
from policies.read.properties import SECRET_SIGNATURE, SIGNATURE
from policies.read.recognise import read_file
from policies.register import Register

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases" / "controls"
SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ON = date(2026, 11, 22)


def preview(resources: int) -> dict[str, Any]:
    """A preview of that many resources."""
    held = [s for f in sorted(CASES.glob("*/*.json")) for s in json.loads(f.read_text("utf-8"))["subjects"] if s["kind"] == "resource"]
    numbered = ((s, n, lot) for lot in count() for n, s in enumerate(held))
    steps = [step(*each) for each in islice(numbered, resources)]
    return {"steps": steps, "changeSummary": {"create": len(steps)}}


def step(subject: dict[str, Any], number: int, lot: int) -> dict[str, Any]:
    urn = f"{subject['id']}-{number}".replace("urn:pulumi:test::", f"urn:pulumi:test-{lot}::")
    inputs = json.loads(
        json.dumps(subject["inputs"])
        .replace('"<unknown>"', f'"{SENTINEL}"')
        .replace('"<secret>"', f'{{"{SIGNATURE}": "{SECRET_SIGNATURE}"}}')
    )
    state = {"urn": urn, "type": subject["type"], "custom": True, "inputs": inputs, "sourcePosition": "project:///stacks/a.py#1,1"}
    return {"op": "create", "urn": urn, "newState": state}


def template(resources: int) -> dict[str, Any]:
    """A template of that many resources, every other one of them wrong."""
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return {"$schema": schema, "contentVersion": "1.0.0.0", "resources": [declared(n, is_wrong=n % 2 == 1) for n in range(resources)]}


def declared(number: int, *, is_wrong: bool) -> dict[str, Any]:
    rule = {"access": "Allow", "direction": "Inbound", "protocol": "Tcp", "destinationPortRange": "22", "priority": 100}
    kinds: list[tuple[str, dict[str, Any]]] = [
        (
            "Microsoft.Storage/storageAccounts",
            {"supportsHttpsTrafficOnly": not is_wrong, "minimumTlsVersion": "TLS1_2", "networkAcls": {"defaultAction": "Deny"}},
        ),
        ("Microsoft.KeyVault/vaults", {"enablePurgeProtection": not is_wrong, "enableRbacAuthorization": True}),
        ("Microsoft.Sql/servers", {"minimalTlsVersion": "1.0" if is_wrong else "1.2", "publicNetworkAccess": "Disabled"}),
        (
            "Microsoft.Network/networkSecurityGroups",
            {"securityRules": [{"name": "r", "properties": {**rule, "sourceAddressPrefix": "*" if is_wrong else "10.0.0.0/8"}}]},
        ),
    ]
    type_, properties = kinds[number // 2 % len(kinds)]
    return {"type": type_, "apiVersion": "2023-01-01", "name": f"it{number}", "location": "uksouth", "properties": properties}


def best(do: Callable[[], object], times: int = 5) -> float:
    """The least CPU seconds of several runs: what the work costs without what else the machine does."""
    taken: list[float] = []
    for _ in range(times):
        gc.collect()
        begun = time.process_time()
        do()
        taken.append(time.process_time() - begun)
    return min(taken)


@dataclass(frozen=True)
class Cost:
    """CPU seconds, and the most memory, in MB."""

    seconds: float
    peak: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s of CPU, {self.peak:.0f} MB"


def command(words: Sequence[str]) -> Cost:
    """What a command costs from start to end, in a process of its own that nothing else is a child of."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (list(words),))


def _run(words: list[str]) -> Cost:
    quiet, around = subprocess.DEVNULL, {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, stdout=quiet, stderr=quiet, env=around, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"{words[0]} ended with {done.returncode}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def unless(file: Path) -> Cost:
    return command([sys.executable, "-m", "console", "check", str(file), "-w", str(file.parent / "none"), "--json", "--on", ON.isoformat()])


def in_process(folder: Path, resources: int) -> str:
    controls, text = all_controls(), json.dumps(preview(resources))
    file = folder / "preview.json"
    file.write_text(text, encoding="utf-8")
    loads, reads = best(lambda: json.loads(text)), best(lambda: read_file(file))
    subjects = read_file(file).subjects
    judges = best(lambda: judge_all(subjects, controls, Register(), ON))
    judged = len(judge_all(subjects, controls, Register(), ON))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return (
        f"{resources:,} resources ({len(text) / 1e6:.1f} MB of JSON) x {len(controls)} controls = {judged:,} judgements: "
        f"json.loads {loads:.3f} s; read {reads:.3f} s ({reads / loads:.1f}x); judge {judges:.3f} s ({judges / loads:.1f}x); "
        f"{peak:.0f} MB in process\nunless check of it, start to end: {unless(file)}\n"
    )


def beside(folder: Path, resources: int, checkov: str) -> str:
    file = folder / "template.json"
    file.write_text(json.dumps(template(resources)), encoding="utf-8")
    ours = unless(file)
    told = f"a template of {resources:,} resources: unless check {ours}"
    if not checkov:
        return f"{told}; Checkov is not at hand (--checkov)\n"
    theirs = command([checkov, "-f", str(file), "--framework", "arm", "--compact", "--quiet", "-o", "json", "--skip-download"])
    return f"{told}; checkov {theirs} ({theirs.seconds / ours.seconds:.1f}x the time, {theirs.peak / ours.peak:.1f}x the memory)\n"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("resources", nargs="?", type=int, default=1000)
    words.add_argument("--checkov", default="", help="the program of Checkov, in an environment of its own")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(in_process(Path(folder), given.resources))
        sys.stdout.write(beside(Path(folder), given.resources, given.checkov))


if __name__ == "__main__":
    main()
