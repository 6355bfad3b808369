"""The pretend cloud's file: whatever stands in it is understood or refused in a sentence, and Azure's rules are facts with sources."""

from __future__ import annotations

import json
import multiprocessing
import stat
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal import RehearsalError, checkpoint, cloud, rules
from rehearsal.cloud import Cloud, Held
from rehearsal.drift import as_inputs, refreshed
from rehearsal.lock import waiting
from rehearsal.state import State

NOW = datetime.now(UTC).isoformat()
GROUP = "/subscriptions/s/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv"

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4), lambda v: st.lists(v) | st.dictionaries(st.text(), v))
_PATHS = st.sampled_from(["size", "tags.owner", "list[0]", "list[9].x", "", "[0]", "a..b", '["x"]', "*"]) | st.text(max_size=6)
_LINES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["a", "b"]) | JSON,
        "type": st.just("test:index:Thing") | JSON,
        "properties": st.dictionaries(st.sampled_from(["size", "tags", "list"]), JSON) | JSON,
        "set": st.dictionaries(_PATHS, JSON) | JSON,
        "gone": st.booleans(),
        "purged": st.booleans(),
        "by": JSON,
        "at": JSON,
        "format": st.sampled_from([cloud.FORMAT, "other"]),
    },
)


def _loaded(file: Path) -> tuple[Cloud, tuple[str, ...]]:
    try:
        return cloud.load(file), ()
    except RehearsalError as wrong:
        return Cloud(), wrong.faults


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINES | JSON, max_size=6), st.sampled_from(["", "{", "\x00", "[[["]))
def test_any_lines_are_understood_or_refused_by_number(lines: list[Any], end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "azure.jsonl")
        file.write_text("".join(f"{json.dumps(line)}\n" for line in lines) + end, "utf-8")
        before = file.read_bytes()
        there, faults = _loaded(file)
        assert file.read_bytes() == before
    assert all("line " in f and "Mend the line, or remove it." in f for f in faults)
    state = State(urn="urn:pulumi:d::p::test:index:Thing::a", type="test:index:Thing", custom=True, id="a", outputs={"size": 1, "tags": {}})
    refreshed(checkpoint.Checkpoint((state,)), there)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "azure.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        RehearsalError, match=r"azure.jsonl is not text in UTF-8 .* remove it: the pretend cloud then holds what the states"
    ):
        cloud.load(file)


def test_what_states_of_a_time_before_the_file_say_is_what_there_is(tmp_path: Path) -> None:
    state = State(urn="urn:pulumi:dev::p::test:index:Thing::a", type="test:index:Thing", custom=True, id="ID", outputs={"size": 1})
    checkpoint.save(tmp_path / "dev.json", checkpoint.Checkpoint((state,)), "3.272.0", datetime.now(UTC))
    (tmp_path / "dev.preview.json").write_text("{", "utf-8")
    (tmp_path / "notes.json").write_text("[]", "utf-8")
    assert cloud.load(tmp_path / "azure.jsonl").held == {"id": Held("ID", "test:index:Thing", {"size": 1}, "dev", "")}


def test_what_later_lines_overrule_is_taken_out_when_it_is_most_of_the_file(tmp_path: Path) -> None:
    file, there = tmp_path / "azure.jsonl", Cloud(salt="s")
    for size in range(1200):
        there.put(Held("a", "test:index:Thing", {"size": size}, "dev", NOW))
    there.put(Held(VAULT, "azure-native:keyvault:Vault", {}, "dev", NOW))
    there.remove(VAULT, "dev", NOW)
    cloud.save(file, there)
    cloud.compacted(file, there)
    again = cloud.load(file)
    assert (again.held, again.deleted, again.salt) == (there.held, there.deleted, "s")
    assert len(file.read_text("utf-8").splitlines()) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of a file are others there")
def test_only_its_owner_reads_it_for_it_holds_seals(tmp_path: Path) -> None:
    there = Cloud()
    there.put(Held("a", "test:index:Thing", {}))
    cloud.save(tmp_path / "azure.jsonl", there)
    assert stat.S_IMODE((tmp_path / "azure.jsonl").stat().st_mode) == 0o600


def _add(file: Path, name: str) -> None:
    for number in range(20):
        with waiting(file):
            there = cloud.load(file)
            there.put(Held(f"{name}-{number}", "test:index:Thing", {}))
            cloud.save(file, there)


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "azure.jsonl"
    writers = [multiprocessing.get_context("spawn").Process(target=_add, args=(file, name)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(cloud.load(file).held) == 40


def test_who_waits_too_long_for_the_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "azure.jsonl"
    with waiting(file), pytest.raises(RehearsalError, match="is locked by another process"), waiting(file, seconds=0):
        pass


@pytest.mark.parametrize(
    ("inputs", "outputs", "now", "wanted"),
    [
        ({"a": 1, "group": "g"}, {"a": 1, "name": "n"}, {"a": 1, "name": "n"}, {"a": 1, "group": "g"}),
        ({"a": {"x": 1}}, {"a": {"x": 1, "id": "i"}}, {"a": {"x": 2, "id": "i"}}, {"a": {"x": 2}}),
        ({"ids": ["u"]}, {"ids": {"u": {}}}, {"ids": {"u": {}}}, {"ids": ["u"]}),
        ({}, {}, {"tags": {"by": "hand"}}, {"tags": {"by": "hand"}}),
        ({"a": 1}, {"a": 1}, {}, {}),
        ({"l": [{"x": 1}]}, {"l": [{"x": 1, "ip": "i"}]}, {"l": [{"x": 3, "ip": "i"}]}, {"l": [{"x": 3}]}),
    ],
)
def test_inputs_follow_what_the_cloud_says(inputs: Any, outputs: Any, now: Any, wanted: Any) -> None:
    assert as_inputs(inputs, outputs, now) == wanted


def test_a_vaults_name_is_kept_for_its_days_and_then_free() -> None:
    there = Cloud()
    there.put(Held(VAULT, "azure-native:keyvault:Vault", {"properties": {"softDeleteRetentionInDays": 7}}, "dev"))
    there.remove(VAULT, "dev", "2026-11-01T00:00:00+00:00")
    elsewhere = Held(VAULT.replace("/rg/", "/other/"), "azure-native:keyvault:Vault", {})
    assert "keeps its name until 2026-11-08" in rules.refused_creation(there, elsewhere, "2026-11-07T00:00:00+00:00")
    assert rules.refused_creation(there, elsewhere, "2026-11-09T00:00:00+00:00") == ""
    there.follow({"id": VAULT, "purged": True})
    assert rules.refused_creation(there, elsewhere, "2026-11-07T00:00:00+00:00") == ""


def _rules() -> list[dict[str, Any]]:
    facts = rules.facts()
    return [*facts["in_use"], *facts["soft_deleted"], *facts["unique"]]


@pytest.mark.parametrize("rule", _rules(), ids=lambda r: r["type"])
def test_every_rule_has_a_source_and_a_day(rule: dict[str, Any]) -> None:
    assert all(part.startswith("https://") for part in rule["source"].split("; "))
    assert isinstance(rule["read_on"], date)


def _in_use() -> list[tuple[dict[str, Any], str, bool]]:
    """Each rule with each type that stops a deletion; the last says that it lies below."""
    found = [(r, t, False) for r in rules.facts()["in_use"] for t in r["by"]]
    return [*found, *((r, t, True) for r in rules.facts()["in_use"] for t in r.get("nested", ()))]


def _id(type_: str, head: str = "/subscriptions/s", name: str = "x") -> str:
    namespace, *kinds = type_.split("/")
    return f"{head}/providers/{namespace}/" + "/".join(f"{k}/{name}" for k in kinds)


@pytest.mark.parametrize(("rule", "type_", "below"), _in_use())
def test_what_is_in_use_is_not_deleted_and_alone_it_is(rule: dict[str, Any], type_: str, below: bool) -> None:
    there, wanted = Cloud(), _id(rule["type"])
    there.put(Held(wanted, "t:t:T", {}, "dev"))
    assert rules.refused_deletion(there, rules.References(there), wanted, lambda _: True) == ""
    user = (
        f"{wanted}/" + "/".join(f"{k}/y" for k in type_.removeprefix(rule["type"]).strip("/").split("/")) if below else _id(type_, name="y")
    )
    there.put(Held(user, "t:t:T", {} if below else {"deep": [{"id": wanted.upper()}]}, "dev"))
    told = rules.refused_deletion(there, rules.References(there), wanted, lambda _: True)
    assert told.startswith(f"Azure refuses to delete {wanted} while it is in use")
    assert rule.get("code", "") in told
    assert f"{user} (stack dev)" in told
