"""What is wrong is said in plain sentences that name file and key, all at once, before anything is built."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks import build
from stacks.config import config_of
from stacks.dynamics.described import read_model
from stacks.dynamics.settings import DynamicsSettings
from stacks.errors import StacksError
from stacks.landing_zone.wanted import wanted as landing_zone
from stacks.microsoft365.personas import read_personas
from stacks.microsoft365.settings import Microsoft365Settings
from stacks.request import read_requests
from stacks.settings import parse
from stacks.workloads.wanted import wanted
from tests.stacks.rehearsed import REQUESTS, ROOT

CASES = Path(__file__).parents[1] / "cases"


def _cases(folder: str) -> list[Any]:
    files = sorted((CASES / folder).glob("*.toml"))
    assert files
    return [pytest.param(tomllib.loads(f.read_text("utf-8")), id=f.stem) for f in files]


def _text(value: Any) -> str:
    """As Pulumi hands a value over: plain ones as text, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _check(stack: str, everything: dict[str, str]) -> None:
    """All that happens before the first resource."""
    config = config_of(everything, "cloud-unless", stack, ROOT)
    if config.values.get("stack") not in build.STACKS:
        build.build(config)
    match stack:
        case "landing-zone":
            landing_zone(config)
        case "workloads":
            wanted(config)
        case "microsoft365":
            people = parse(config, Microsoft365Settings)
            read_personas(config.folder / people.personas, people.personas)
        case _:
            service = parse(config, DynamicsSettings)
            read_model(config.folder / service.model, service.model)


def _everything(case: dict[str, Any]) -> dict[str, str]:
    written = yaml.safe_load((ROOT / f"Pulumi.{case['stack']}.yaml").read_text("utf-8"))["config"]
    changed = {k if ":" in k else f"cloud-unless:{k}": v for k, v in {**case.get("change", {}), **case.get("raw", {})}.items()}
    requests = {"cloud-unless:requests": REQUESTS["requests"]} if case["stack"] == "workloads" else {}
    removed = {f"cloud-unless:{k}" for k in case.get("remove", ())}
    return {k: _text(v) for k, v in {**written, **requests, **changed}.items() if k not in removed}


@pytest.mark.parametrize("case", _cases("stacks-settings"))
def test_settings_that_are_wrong_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(StacksError) as wrong:
        _check(case["stack"], _everything(case))
    if "starts" in case:
        assert wrong.value.faults[0].startswith(case["starts"].replace("ROOT", str(ROOT)))
    else:
        assert sorted(wrong.value.faults) == sorted(case["faults"])


@pytest.mark.parametrize("stack", ["landing-zone", "microsoft365", "dynamics"])
def test_settings_in_the_repository_are_right(stack: str) -> None:
    _check(stack, _everything({"stack": stack}))


def _written(case: dict[str, Any], folder: Path) -> Path:
    folder.mkdir()
    for file in case["file"]:
        (folder / file["name"]).write_text(file["text"], "utf-8")
    return folder


@pytest.mark.parametrize("case", _cases("stacks-refused-requests"))
def test_requests_that_are_wrong_are_refused(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(StacksError) as wrong:
        read_requests(_written(case, tmp_path / "requests"), "requests")
    assert sorted(wrong.value.faults) == sorted(case["faults"])


@pytest.mark.parametrize("case", _cases("stacks-dynamics"))
def test_a_described_platform_that_is_wrong_is_refused(case: dict[str, Any], tmp_path: Path) -> None:
    folder = _written(case, tmp_path / "model")
    try:
        read_model(folder, "model")
        faults: list[str] = []
    except StacksError as wrong:
        faults = list(wrong.faults)
    assert sorted(faults) == sorted(case["faults"])


def test_waves_are_built_in_order_though_there_are_ten(tmp_path: Path) -> None:
    text = (ROOT / REQUESTS["requests"] / "gis.toml").read_text("utf-8")
    for name, wave in (("late", "wave-10"), ("early", "wave-9")):
        made = text.replace('id = "gis"', f'id = "{name}"').replace("wave-2", wave)
        (tmp_path / f"{name}.toml").write_text(made.replace("gis-", f"{name}-"), "utf-8")
    assert [r.id for r in read_requests(tmp_path, "requests")] == ["early", "late"]
