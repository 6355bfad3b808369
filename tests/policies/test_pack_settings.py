"""The pack's settings: whatever is wrong is told at once in the status that fails the update, and never weakens a judgement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from policies.environments import environments, parse_environments
from policies.errors import PoliciesError
from policies.model import Severity
from tests.policies.analyzer_engine import Engine, running

CASES = sorted((Path(__file__).parents[1] / "cases" / "pack-settings").glob("*.json"))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running() as started:
        yield started


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_settings_are_taken_or_refused_with_every_fault(engine: Engine, case: Path, tmp_path: Path) -> None:
    held: dict[str, Any] = json.loads(case.read_text("utf-8").replace("<folder>", tmp_path.as_posix()))
    if "register" in held:
        (tmp_path / "exceptions.toml").write_text(held["register"], encoding="utf-8")
    if not held["faults"]:
        engine.configure(held["settings"], held["levels"])
        return
    with pytest.raises(grpc.RpcError) as refused:
        engine.configure(held["settings"], held["levels"])
    status: Any = refused.value
    assert status.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert status.details().split("\n") == held["faults"]


def test_a_level_that_the_protocol_may_get_one_day_is_refused(engine: Engine) -> None:
    from pulumi.runtime.proto import analyzer_pb2

    request = analyzer_pb2.ConfigureAnalyzerRequest()
    request.policyConfig["storage-denies-shared-keys"].enforcementLevel = 9  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(grpc.RpcError, match="9 is no level of enforcement that is known"):
        engine.stub.Configure(request)


def test_all_that_is_lowered_at_once_is_one_sentence(engine: Engine) -> None:
    """As `"all": "advisory"` in Pulumi's settings arrives."""
    names = {p.name: "advisory" for p in engine.info().policies}
    with pytest.raises(grpc.RpcError, match=r"and \d+ more: settings may raise a level and never lower it"):
        engine.configure(levels=names)


def test_every_environment_stops_what_is_critical_and_the_first_is_the_strictest() -> None:
    held = environments()
    assert [e.name for e in held] == ["production", "test", "development"]
    assert held[0].stops == frozenset(Severity)
    assert all(Severity.CRITICAL in e.stops for e in held)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[environment]", "f: is not readable as TOML"),
        ("", "f, environment 1, key name: Field required"),
        ('[[environment]]\nname = "p"\nstops = ["grave"]\nwhy = "x"', "f, environment 1, key stops.0: Input should be 'critical'"),
        ('[[environment]]\nname = "p"\nstops = ["high"]\nwhy = "x"', "f: p lets critical breaches through"),
        ('[[environment]]\nname = "p"\nstops = ["critical"]\nwhy = "x"\n' * 2, "f: the environment p is there twice"),
        (
            '[[environment]]\nname = "p"\nstops = ["critical"]\nwhy = "x"\n'
            '[[environment]]\nname = "t"\nstops = ["critical", "low"]\nwhy = "x"',
            "f: p counts where nobody names an environment, and is not the strictest",
        ),
    ],
)
def test_environments_that_would_fail_open_are_faults(text: str, fault: str) -> None:
    with pytest.raises(PoliciesError) as wrong:
        parse_environments(text, "f")
    assert any(f.startswith(fault) for f in wrong.value.faults), wrong.value.faults
