"""Which platform service, at which size, with which others beside it: a case a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration.assess import assess
from migration.model import Target

FILES = sorted((Path(__file__).parents[2] / "cases").glob("platform-*/*.toml"))
KINDS = {"virtual-machine", "licence", "managed-disk", "none"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_each_thing_gets_the_platform_size_and_storage_its_case_expects(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    terms = replace(case.terms, headroom_percent=case.expected.get("headroom_percent", 20))
    made = assess(case.workload, case.estate, terms)
    assert made.disposition == case.expected["disposition"], made.disposition_reason
    targets = [t for t in made.targets if t.kind not in KINDS]
    wanted = case.expected.get("target", [])
    assert [_told(t) for t in targets] == [(w["subject"], w["kind"], w["sku"], w["storage_gb"]) for w in wanted]
    for target, want in zip(targets, wanted, strict=True):
        assert want.get("says", "") in target.reason
        beside = [f"{a.kind} {a.sku}" for a in target.alternatives]
        assert beside == want.get("beside", beside)
        assert all(a.gives_up.endswith(".") for a in target.alternatives)


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "platform-machine"], ids=lambda p: p.stem)
def test_what_could_stand_in_the_place_of_a_machine_is_shown_beside_it(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    (machine,) = (t for t in assess(case.workload, case.estate, case.terms).targets if t.kind == "virtual-machine")
    beside = [f"{a.kind} {a.sku}" for a in machine.alternatives if a.kind != "virtual-machine"]
    assert beside == case.expected["machine_beside"]


def _told(target: Target) -> tuple[str, str, str, int]:
    return target.subject, target.kind, target.sku, target.storage_gb
