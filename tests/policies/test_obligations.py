"""What waits on another resource's output is deferred, never dropped: judged again on deployed state, or it fails."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from typer.testing import CliRunner, Result

from console.application import app
from console.commands import check as command
from policies.model import SECRET, UNKNOWN, Subject
from policies.obligations import Obligation, as_data, awaited, read_obligations

SOURCE = "urn:pulumi:dev::p::azure-native:managedidentity:UserAssignedIdentity::id"
ACCOUNT = "urn:pulumi:dev::p::azure-native:storage:StorageAccount::sa"
SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SAFE: dict[str, Any] = {
    "allowBlobPublicAccess": False,
    "publicNetworkAccess": "Disabled",
    "minimumTlsVersion": "TLS1_2",
    "allowSharedKeyAccess": False,
    "location": "uksouth",
}
FIRST = "2026-11-01"


def account(made_from: str = SOURCE, **inputs: Any) -> dict[str, Any]:
    state = {"urn": ACCOUNT, "type": "azure-native:storage:StorageAccount", "inputs": {**SAFE, **inputs}}
    return {**state, "propertyDependencies": {"minimumTlsVersion": [made_from]}}


def source() -> dict[str, Any]:
    return {"urn": SOURCE, "type": "azure-native:managedidentity:UserAssignedIdentity", "inputs": {"location": "uksouth"}}


def preview(folder: Path, *states: dict[str, Any]) -> Path:
    file = folder / "preview.json"
    steps = [{"op": "create", "urn": s["urn"], "newState": s} for s in (source(), *states)]
    file.write_text(json.dumps({"steps": steps}), "utf-8")
    return file


def export(folder: Path, *states: dict[str, Any]) -> Path:
    file = folder / "state.json"
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": [source(), *states]}}), "utf-8")
    return file


def run(folder: Path, *arguments: object, on: str = FIRST, today: str = "") -> Result:
    kept = folder / "owed.json"
    with patch.object(command, "now", lambda: datetime.fromisoformat(f"{today or on}T12:00:00+00:00")):
        return CliRunner().invoke(app, ["check", *map(str, arguments), "-w", str(folder / "none"), "--obligations", str(kept), "--on", on])


def owed(folder: Path) -> tuple[Obligation, ...]:
    return read_obligations(folder / "owed.json", "owed.json")


@pytest.fixture
def deferred(tmp_path: Path) -> Path:
    """A folder in which the account's oldest TLS was deferred on the first day."""
    done = run(tmp_path, preview(tmp_path, account(minimumTlsVersion=SENTINEL)), "--defer")
    assert done.exit_code == 0, done.output
    assert "Deferred until it is deployed: unless check --state FILE (1)" in done.output
    return tmp_path


def test_what_waits_on_an_output_blocks_unless_it_is_deferred(tmp_path: Path) -> None:
    file = preview(tmp_path, account(minimumTlsVersion=SENTINEL))
    assert run(tmp_path, file).exit_code == 3
    assert not (tmp_path / "owed.json").exists()
    assert run(tmp_path, file, "--defer").exit_code == 0
    found = Obligation(
        "storage-requires-tls-1-2",
        ACCOUNT,
        "azure-native:storage:StorageAccount",
        "sa",
        "minimumTlsVersion",
        (SOURCE,),
        date(2026, 11, 1),
    )
    assert owed(tmp_path) == (found,)


def test_it_keeps_its_first_day_and_is_listed_in_every_check(deferred: Path) -> None:
    assert run(deferred, deferred / "preview.json", "--defer", on="2026-11-05").exit_code == 0
    assert [o.since for o in owed(deferred)] == [date(2026, 11, 1)]
    assert "1 obligation waits to be judged on deployed state" in run(deferred, preview(deferred, account()), on="2026-11-05").output


@pytest.mark.parametrize(("version", "code", "left"), [("TLS1_2", 0, 0), ("TLS1_0", 1, 1), (SENTINEL, 3, 1)])
def test_deployed_state_tells(deferred: Path, version: str, code: int, left: int) -> None:
    done = run(deferred, "--state", export(deferred, account(minimumTlsVersion=version)))
    assert (done.exit_code, len(owed(deferred))) == (code, left), done.output


def test_only_what_was_deferred_is_judged_again(deferred: Path) -> None:
    done = run(deferred, "--state", export(deferred, account(publicNetworkAccess="Enabled")))
    assert done.exit_code == 0
    assert "1 obligation judged again, 1 met" in done.output


def test_a_resource_that_is_gone_fails(deferred: Path) -> None:
    done = run(deferred, "--state", export(deferred))
    assert (done.exit_code, len(owed(deferred))) == (1, 1)
    assert "sa is not in the state" in done.output


def test_a_state_of_another_stack_tells_nothing(deferred: Path) -> None:
    file = export(deferred, account())
    file.write_text(file.read_text("utf-8").replace(":dev::p::", ":live::p::"), "utf-8")
    done = run(deferred, "--state", file)
    assert (done.exit_code, len(owed(deferred))) == (3, 1)


def test_a_control_that_is_gone_cannot_be_told(deferred: Path) -> None:
    (old,) = owed(deferred)
    data = as_data([Obligation("storage-is-blue", *[getattr(old, f) for f in ("subject", "type", "name", "path", "waits_on", "since")])])
    (deferred / "owed.json").write_text(json.dumps(data), "utf-8")
    done = run(deferred, "--state", export(deferred, account()))
    assert (done.exit_code, len(owed(deferred))) == (3, 1)
    assert "there is no control storage-is-blue any more" in done.output


def test_one_that_nobody_judges_again_fails_every_check(deferred: Path) -> None:
    safe = preview(deferred, {**account(), "urn": f"{ACCOUNT}-other"})
    assert run(deferred, safe, on="2026-11-08").exit_code == 0
    late = run(deferred, safe, on="2026-11-09")
    assert late.exit_code == 1
    assert "obligation-is-rechecked-in-time" in late.output
    assert run(deferred, safe, "--defer", on="2026-11-09").exit_code == 1
    assert len(owed(deferred)) == 1


def test_a_later_preview_that_knows_ends_it_and_one_that_fails_does_not(deferred: Path) -> None:
    assert run(deferred, preview(deferred, account(minimumTlsVersion="TLS1_0")), "--defer").exit_code == 1
    assert len(owed(deferred)) == 1
    assert run(deferred, preview(deferred, account()), "--defer").exit_code == 0
    assert owed(deferred) == ()


def test_with_nothing_owed_there_is_nothing_to_judge_again(tmp_path: Path) -> None:
    assert run(tmp_path, "--state", export(tmp_path, account(minimumTlsVersion="TLS1_0"))).exit_code == 0


@pytest.mark.parametrize(
    "states",
    [
        [account(made_from="urn:pulumi:dev::p::t:t:T::elsewhere", minimumTlsVersion=SENTINEL)],
        [{**account(minimumTlsVersion=SENTINEL), "propertyDependencies": {}}],
        [account(minimumTlsVersion={"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"})],
        [account(minimumTlsVersion=["TLS1_2"])],
    ],
    ids=["of a resource that is not here", "of nothing", "a secret", "of the wrong kind"],
)
def test_what_waits_on_nothing_at_hand_is_not_deferred(tmp_path: Path, states: list[dict[str, Any]]) -> None:
    done = run(tmp_path, preview(tmp_path, *states), "--defer")
    assert (done.exit_code, owed(tmp_path)) == (3, ())


def test_a_check_of_a_day_that_is_past_stops_no_clock(deferred: Path) -> None:
    file = preview(deferred, account(minimumTlsVersion=SENTINEL))
    late = run(deferred, file, "--defer", on="2026-11-02", today="2026-11-20")
    assert late.exit_code == 1
    assert "has waited 19 days to be judged" in late.output


def test_a_link_to_nowhere_is_not_that_nothing_is_owed(tmp_path: Path) -> None:
    (tmp_path / "owed.json").symlink_to(tmp_path / "gone.json")
    done = run(tmp_path, preview(tmp_path, account()))
    assert done.exit_code == 3
    assert "is a link to a file that is not there" in done.output


def test_a_value_is_awaited_only_where_it_is_unknown() -> None:
    inputs = {"a": {"b": [1, {"c": UNKNOWN}]}, "s": SECRET, "u": UNKNOWN}
    subject = Subject("resource", "t:t:T", "u", "n", inputs, waits_on=dict.fromkeys(inputs, ("x", "y")))
    by_id = {"x": subject}
    assert [awaited(subject, p, by_id) for p in ("a.b[1].c", "u", "u.deeper", "a.b[1].c.d")] == [("x",)] * 4
    assert [awaited(subject, p, by_id) for p in ("", "a.b[0]", "a.b[7]", "a.x", "s", "none", "a.b.c")] == [()] * 7


@pytest.mark.parametrize("arguments", [("--state", "f", "--defer"), ("f", "--state", "f"), ("--stack", "s", "--state", "f")])
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run(tmp_path, *arguments).exit_code == 2


def test_without_a_place_to_keep_them_nothing_is_deferred(tmp_path: Path) -> None:
    file = preview(tmp_path, account(minimumTlsVersion=SENTINEL))
    done = CliRunner().invoke(app, ["check", str(file), "-w", str(tmp_path / "none"), "--defer"])
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "cannot be read as obligations"),
        ("[]", "valid dictionary"),
        ('{"format": "cloud-unless/obligations/2", "obligations": []}', "format 'cloud-unless/obligations/2'"),
        ('{"format": "cloud-unless/obligations/1", "obligations": [{"control": "c", "since": "soon"}]}', "obligations.0.since"),
    ],
)
def test_a_damaged_file_is_a_plain_fault_and_is_never_written_anew(deferred: Path, text: str, told: str) -> None:
    (deferred / "owed.json").write_text(text, "utf-8")
    with pytest.raises(Exception, match=r"owed\.json") as wrong:
        owed(deferred)
    assert told in str(wrong.value)
    assert run(deferred, deferred / "preview.json", "--defer").exit_code != 0
    assert (deferred / "owed.json").read_text("utf-8") == text


def test_a_preview_is_no_deployed_state(deferred: Path) -> None:
    done = run(deferred, "--state", deferred / "preview.json")
    assert (done.exit_code, "is a preview, not deployed state" in done.output) == (3, True)
