"""A workload leaves in two reviewed steps, each refused where the one before was not applied, and what must stay stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal import Preview, ProgramError, cloud, rehearse
from stacks.request import Request, read_requests
from stacks.workloads.data import Care, care
from stacks.workloads.lifecycle import kept, last_day, out_of_order, was
from tests.stacks.rehearsed import PARTS, ROOT, VENDED, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
AZURE = "azure-native:"
STATES = ("live", "decommissioning", "gone")


@pytest.fixture
def leaving(tmp_path: Path, shared_platform: Rehearsed, vended: Rehearsed) -> Callable[..., Preview]:
    """Rehearses the vended workloads again, with parking in another state ("" removes its request)."""
    for stack in (shared_platform, vended):
        shutil.copy(stack.state, tmp_path)
    folder = tmp_path / "requests"
    shutil.copytree(ROOT / VENDED["requests"], folder)
    text = (folder / "parking.toml").read_text("utf-8")

    def rehearsed(state: str, *, preview_only: bool = False) -> Preview:
        file = folder / "parking.toml"
        file.unlink(missing_ok=True)
        if state:
            file.write_text(text.replace("[[server]]", f'state = "{state}"\ndecommission_on = 2027-03-31\n\n[[server]]'), "utf-8")
        config = {**VENDED, "requests": str(folder)}
        return rehearse(ROOT, "workloads", tmp_path / "workloads.json", config=config, preview_only=preview_only)

    return rehearsed


def _refusal(run: Callable[[], object]) -> str:
    with pytest.raises(ProgramError) as wrong:
        run()
    made = [s for s in wrong.value.preview.steps if s.op not in ("same", "read", "create") or (s.new or {}).get("custom")]
    assert all(s.op in ("same", "read", "create") for s in made), "nothing is taken away before the refusal"
    return "\n".join(wrong.value.faults)


def _ops(seen: Preview, op: str) -> set[str]:
    return {s.urn.rsplit("::", 1)[-1] for s in seen.steps if s.op == op}


def _standing(seen: Preview) -> dict[str, dict[str, Any]]:
    """What is left of parking, by name: resources of Azure only."""
    gone = {s.urn for s in seen.steps if s.op == "delete"}
    states = (s.new for s in seen.steps if s.new and s.urn not in gone)
    return {n: dict(s) for s in states if s["type"].startswith(AZURE) and (n := s["urn"].rsplit("::", 1)[-1]).startswith("park")}


def test_a_step_too_early_is_refused_and_nothing_is_taken_away(leaving: Callable[..., Preview]) -> None:
    told = _refusal(lambda: leaving("gone"))
    assert "parking.toml, key state: parking was live when this stack was last deployed and is asked to be gone" in told
    assert "parking has no request" not in told
    assert "has no request any more; put its request back" in _refusal(lambda: leaving("", preview_only=True))


def test_it_leaves_in_two_steps_and_its_backups_stay(leaving: Callable[..., Preview], tmp_path: Path) -> None:
    _closes(leaving("decommissioning"))
    back = leaving("live", preview_only=True)
    assert {"parking-to-hub", "hub-to-parking", "parking-reads-access", "parking-builds-eligible"} <= _ops(back, "create")
    assert "was decommissioning when this stack was last deployed and has no request any more" in _refusal(lambda: leaving(""))
    _goes(leaving("gone"))
    subscription = json.loads((tmp_path / "workloads.json").read_text("utf-8"))["deployment"]["resources"][0]["outputs"]["subscriptions"]
    held = cloud.load(tmp_path / "azure.jsonl").held
    assert [h.id for h in held.values() if h.id.endswith(f"/subscriptions/{subscription['parking']}")] == [
        f"/providers/Microsoft.Management/managementGroups/exb-decommissioned/subscriptions/{subscription['parking']}"
    ]
    assert {s.op for s in leaving("gone", preview_only=True).steps} <= {"same", "read"}
    assert "restore it from backup under an id of its own" in _refusal(lambda: leaving("live"))
    forgotten = leaving("")
    assert _standing(forgotten) == {}
    assert "parking" not in (forgotten.outputs or {})["states"]


def test_the_last_request_goes_when_its_workload_is_gone_and_not_before(
    tmp_path: Path, shared_platform: Rehearsed, vended: Rehearsed, leaving: Callable[..., Preview]
) -> None:
    for other in (tmp_path / "requests").glob("*.toml"):
        if other.stem != "parking":
            other.unlink()
    (tmp_path / "workloads.json").unlink()
    leaving("live")
    networks = {"format": "cloud-unless/networks/1", "networks": {"parking": "10.104.0.0/25"}}
    (tmp_path / "requests/networks.json").write_text(json.dumps(networks), "utf-8")
    assert "parking was live when this stack was last deployed and has no request any more" in _refusal(lambda: leaving(""))
    leaving("decommissioning")
    leaving("gone")
    assert _standing(leaving("")) == {}


def test_machines_shares_and_blobs_stay_in_their_vaults_when_a_workload_goes(tmp_path: Path, platform: Rehearsed, parts: Rehearsed) -> None:
    for stack in (platform, parts):
        shutil.copy(stack.state, tmp_path)
    folder = tmp_path / "requests"
    shutil.copytree(ROOT / PARTS["requests"], folder)
    text = (folder / "records.toml").read_text("utf-8")
    seen: dict[str, Preview] = {}
    for state in ("decommissioning", "gone"):
        said = f'own_key = true\nstate = "{state}"\ndecommission_on = 2027-03-31\n'
        (folder / "records.toml").write_text(text.replace("own_key = true\n", said), "utf-8")
        seen[state] = rehearse(ROOT, "workloads", tmp_path / "workloads.json", config={**PARTS, "requests": str(folder)})
    closed = {s.urn.rsplit("::", 1)[-1]: s.new["inputs"] for s in seen["decommissioning"].steps if s.new and "inputs" in s.new}
    assert closed["records-shares-container"]["properties"]["acquireStorageAccountLock"] == "NotAcquire"
    for item in ("rec-app-protected", "rec-files-protected"):
        assert closed[item]["properties"]["protectionState"] == "BackupsSuspended"
    deleted = {s.urn for s in seen["gone"].steps if s.op == "delete"}
    left = {s.urn.rsplit("::", 1)[-1] for s in seen["gone"].steps if s.new and s.urn not in deleted and s.new["type"].startswith(AZURE)}
    kept_here = {"records-recovery-vault", "rec-app-protected", "records-shares-container", "rec-files-protected"}
    kept_here |= {"records-backup-vault", "rec-scans-blobs-policy", "rec-scans-backup"}
    assert kept_here <= left
    assert not {"records-account", "rec-scans-account", "rec-app-machine", "records-vault", "rec-scans-backs-up-access"} & left
    changed = {s.urn.rsplit("::", 1)[-1] for s in seen["gone"].steps if s.op in ("update", "replace")}
    assert not changed & kept_here
    whats = [k["what"] for k in (seen["gone"].outputs or {})["kept"]["records"]]
    assert [w.split(",")[0] for w in whats] == [
        "recovery points of its servers",
        "recovery points of its shares",
        "recovery points of its blobs and databases",
        "its key vault",
    ]


def _closes(seen: Preview) -> None:
    """Step one: no access, no way in, no new backups, no protection; and all of it still there."""
    assert {"parking-reads-access", "parking-signs-in-access", "parking-builds-eligible", "parking-to-hub", "hub-to-parking"} <= _ops(
        seen, "delete"
    )
    assert not _ops(seen, "replace")
    held = _standing(seen)
    assert not any(s.get("protect") for s in held.values())
    item = held["park-app-01-protected"]["inputs"]["properties"]
    assert item["protectionState"] == "BackupsSuspended"
    assert item["sourceResourceId"] == held["park-app-01-machine"]["id"]
    assert held["parking-group"]["inputs"]["tags"]["decommission-on"] == "2027-03-31"
    assert (seen.outputs or {})["states"]["parking"] == "decommissioning"


def _goes(seen: Preview) -> None:
    """Step two: only backups stay, unchanged (their group takes no changes), in a subscription that rests."""
    held = _standing(seen)
    assert set(held) == {
        "parking-alias", "parking-place", "parking-group", "parking-people-to-tell", "parking-recovery-vault", "parking-backup-policy",
        "parking-backup-diagnostics", "parking-backup-alerts", "parking-budget", "park-app-01-protected",
    }  # fmt: skip
    assert held["parking-place"]["inputs"]["groupId"] == "exb-decommissioned"
    assert not _ops(seen, "update")
    assert _ops(seen, "replace") == {"parking-place"}
    what = {k["what"]: k["until"] for k in (seen.outputs or {})["kept"]["parking"]}
    assert what["its key vault, soft-deleted"] == "90 days after it was removed"
    assert next(u for w, u in what.items() if w.startswith("recovery points")).startswith("2028-03-31, and the newest")


def _request(state: str) -> Request:
    request = next(r for r in read_requests(ROOT / VENDED["requests"], "requests") if r.id == "parking")
    return request.model_copy(update={"state": state, "decommission_on": date(2027, 3, 31)})


def test_every_step_out_of_order_has_its_sentence() -> None:
    allowed = {("", "live"), ("live", "live"), ("live", "decommissioning"), ("gone", "gone"), ("gone", "")} | {
        ("decommissioning", s) for s in STATES
    }
    for before in ("", *STATES):
        for after in ("", *STATES):
            faults = list(out_of_order({"parking": before} if before else {}, [_request(after)] if after else [], "requests"))
            assert bool(faults) == ((before, after) not in allowed and (before or after) != ""), (before, after)
            assert all(f.startswith("requests/parking.toml, key state: parking was ") for f in faults)


def test_a_stack_deployed_before_there_were_states_counts_as_live() -> None:
    assert was({"networks": {"parking": "10.101.4.0/25"}}) == {"parking": "live"}
    assert was({"states": {"parking": "gone"}, "networks": {"parking": "10.101.4.0/25", "gis": ""}}) == {"parking": "gone"}
    assert was({}) == {}


def test_what_is_live_keeps_nothing_and_a_vault_is_always_kept() -> None:
    live = _request("live").model_copy(update={"decommission_on": None})
    assert kept(live) == ()
    without = _request("gone").model_copy(update={"server": ()})
    assert [k.what for k in kept(without)] == ["its key vault, soft-deleted"]


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.sampled_from(["low", "medium", "high", "critical"]))
def test_backups_lapse_no_earlier_than_their_longest_retention(stopped: date, degree: str) -> None:
    held = care(degree)
    last = last_day(stopped, held)
    assert (last - stopped).days >= max(held.days, held.weeks * 7, held.months * 28)


def test_months_end_where_months_end() -> None:
    assert last_day(date(2027, 8, 31), Care(instances=1, days=14, months=6)) == date(2028, 2, 29)
