"""Judge a preview of many resources by every control, and say how many times as long that takes as reading its JSON.

The resources are those of the controls' own case files, over and over under other names, so every type and every branch is met.
Run: python benchmarks/check.py [RESOURCES]
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from policies.catalogue import all_controls
from policies.evaluate import judge_all
from policies.read.properties import SECRET_SIGNATURE, SIGNATURE
from policies.read.recognise import read_file
from policies.register import Register

CASES = Path(__file__).resolve().parents[1] / "tests" / "cases" / "controls"
SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def preview(resources: int) -> dict[str, Any]:
    """A preview of that many resources."""
    held = [s for f in sorted(CASES.glob("*/*.json")) for s in json.loads(f.read_text("utf-8"))["subjects"] if s["kind"] == "resource"]
    steps = [step(s, n) for n, s in enumerate(islice(cycle(held), resources))]
    return {"steps": steps, "changeSummary": {"create": len(steps)}}


def step(subject: dict[str, Any], number: int) -> dict[str, Any]:
    urn = f"{subject['id']}-{number}"
    inputs = json.loads(
        json.dumps(subject["inputs"])
        .replace('"<unknown>"', f'"{SENTINEL}"')
        .replace('"<secret>"', f'{{"{SIGNATURE}": "{SECRET_SIGNATURE}"}}')
    )
    state = {"urn": urn, "type": subject["type"], "custom": True, "inputs": inputs, "sourcePosition": "project:///stacks/a.py#1,1"}
    return {"op": "create", "urn": urn, "newState": state}


def best(do: Callable[[], object], times: int = 5) -> float:
    """The least CPU seconds of several runs: what the work costs without what else the machine does."""
    taken: list[float] = []
    for _ in range(times):
        gc.collect()
        begun = time.process_time()
        do()
        taken.append(time.process_time() - begun)
    return min(taken)


def main(resources: int) -> None:
    controls = all_controls()
    text = json.dumps(preview(resources))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "preview.json"
        file.write_text(text, encoding="utf-8")
        subjects = read_file(file).subjects
        loads = best(lambda: json.loads(text))
        reads = best(lambda: read_file(file))
    judges = best(lambda: judge_all(subjects, controls, Register(), date(2026, 11, 22)))
    judged = len(judge_all(subjects, controls, Register(), date(2026, 11, 22)))
    sys.stdout.write(
        f"{resources:,} resources ({len(text) / 1e6:.1f} MB of JSON) x {len(controls)} controls = {judged:,} judgements: "
        f"json.loads {loads:.3f} s; read {reads:.3f} s ({reads / loads:.1f}x); judge {judges:.3f} s ({judges / loads:.1f}x)\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
