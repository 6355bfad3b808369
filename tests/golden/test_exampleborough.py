"""What the whole of it makes of the reference estate, workload by workload, held against tests/estates/exampleborough.json.

When a rule or the estate changes on purpose, run this file to write the golden anew, and read its difference in git:
`python tests/golden/test_exampleborough.py`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from console import demonstration
from console.commands import assess, check, import_, plan

GOLDEN = Path(__file__).parents[1] / "estates" / "exampleborough.json"


def whole(folder: Path) -> dict[str, Any]:
    """Import, assess, plan and check in `folder`; what came of it, in JSON types."""
    held, files = demonstration.prepare(folder / "council", ())
    faults = import_.imported(held, files).faults
    assessments, _ = assess.assessed(held, held.on)
    made, requests, _ = plan.planned(held, held.on)
    wave_of = {i: w.id for w in made.waves for i in w.workload_ids}
    return {
        "faults": sorted(str(f) for f in faults),
        "workloads": {
            a.workload_id: {
                "readiness": a.readiness.value,
                "disposition": a.disposition.value,
                "exception": a.exception_id,
                "wave": wave_of.get(a.workload_id, ""),
                "sizes": sorted(f"{t.subject}: {t.sku}" for t in a.targets if t.kind == "virtual-machine"),
            }
            for a in assessments
        },
        "known_monthly_pence": sum(t.price.monthly_pence for a in assessments for t in a.targets if t.price),
        "waves": {w.id: f"{w.starts} to {w.ends}, {len(w.server_ids)} servers" for w in made.waves},
        "requests": sorted(requests.texts),
        "blocking": sorted(
            f"{j['control']}: {j['subject_id']}"
            for j in check.checked(held)["judgements"]
            if j["blocks"] and j["subject_kind"] != "resource"
        ),
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return whole(tmp_path_factory.mktemp("exampleborough"))


@pytest.mark.parametrize("part", ["faults", "workloads", "known_monthly_pence", "waves", "requests", "blocking"])
def test_exampleborough_comes_out_as_it_did(made: dict[str, Any], part: str) -> None:
    assert made[part] == json.loads(GOLDEN.read_text("utf-8"))[part]


def test_nothing_unknown_or_not_ready_is_in_a_wave(made: dict[str, Any]) -> None:
    assert not [i for i, w in made["workloads"].items() if w["wave"] and w["readiness"] in ("unknown", "not ready")]


def test_whatever_stays_cites_an_exception(made: dict[str, Any]) -> None:
    assert {w["exception"] != "" for w in made["workloads"].values() if w["disposition"] == "retain"} == {True}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        GOLDEN.write_text(json.dumps(whole(Path(scratch)), indent=1, ensure_ascii=False) + "\n", "utf-8")
