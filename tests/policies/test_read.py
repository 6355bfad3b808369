"""Files become subjects, recognised by what they hold; what cannot be judged is a plain fault."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.application import app
from policies.check import check
from policies.errors import PoliciesError
from policies.model import SECRET, UNKNOWN, Subject
from policies.read.properties import OUTPUT_SIGNATURE, REFERENCE_SIGNATURE, SECRET_SIGNATURE, SIGNATURE, UNKNOWN_SENTINELS, known
from policies.read.recognise import read_all, read_file
from policies.read.resources import plain_type, source_position

URN = "urn:pulumi:dev::p::azure-native:storage:StorageAccount::sa"
VAULT = "urn:pulumi:dev::p::azure-native:keyvault:Vault::kv"


def state(urn: str = URN, **more: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2], "custom": True, "inputs": {"location": "uksouth"}, **more}


def step(op: str = "create", urn: str = URN, **more: Any) -> dict[str, Any]:
    return {"op": op, "urn": urn, "newState": state(urn, **more)}


def written(tmp_path: Path, held: object, name: str = "anything.bin") -> Path:
    file = tmp_path / name
    file.write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
    return file


def subjects(tmp_path: Path, held: object) -> tuple[Subject, ...]:
    return read_file(written(tmp_path, held)).subjects


def test_a_preview_gives_what_will_be_without_what_goes(tmp_path: Path) -> None:
    gone = {"op": "delete", "urn": VAULT, "oldState": state(VAULT)}
    read = subjects(tmp_path, {"steps": [step("create-replacement"), step("replace"), {**gone, "op": "delete-replaced"}, gone]})
    assert [s.id for s in read] == [URN]


def test_a_preview_keeps_places_parents_protection_and_what_inputs_are_made_from(tmp_path: Path) -> None:
    more: dict[str, Any] = {
        "parent": "urn:pulumi:dev::p::pulumi:pulumi:Stack::s",
        "protect": True,
        "id": "/subscriptions/x",
        "dependencies": [VAULT],
        "propertyDependencies": {"keyUri": [VAULT], "none": [], "null": None},
        "sourcePosition": "project:///stacks/a%20b.py#12,4",
    }
    (read,) = subjects(tmp_path, {"steps": [step(**more)]})
    assert (read.file, read.line, read.protect, read.resource_id) == ("stacks/a b.py", 12, True, "/subscriptions/x")
    assert dict(read.waits_on) == {"keyUri": (VAULT,)}
    assert read.depends_on == (VAULT,)
    assert read.name == "sa"


def test_resources_that_are_only_read_are_not_judged(tmp_path: Path) -> None:
    assert subjects(tmp_path, {"steps": [step("read", external=True)]}) == ()


def test_a_stack_export_and_a_checkpoint_give_what_stands(tmp_path: Path) -> None:
    resources = [state(), state(VAULT, delete=True)]
    export = subjects(tmp_path, {"version": 3, "deployment": {"resources": resources}})
    checkpoint = subjects(tmp_path, {"version": 3, "checkpoint": {"stack": "dev", "latest": {"resources": resources}}})
    assert [s.id for s in export] == [s.id for s in checkpoint] == [URN]
    assert subjects(tmp_path, {"version": 3, "checkpoint": {"stack": "dev", "latest": None}}) == ()


def test_an_operation_that_was_cut_off_is_said_to_be_not_judged(tmp_path: Path) -> None:
    other = {**state(), "urn": f"{URN}-2"}
    cut = [{"type": "creating", "resource": other}, {"type": "reading", "resource": state()}]
    held = {"version": 3, "deployment": {"resources": [state()], "pending_operations": cut}}
    assert [u.split(",")[0] for u in read_file(written(tmp_path, held), "s.json").unread] == [
        f"s.json: an update was cut off while creating {URN}-2"
    ]
    assert check([(tmp_path / "anything.bin", "s.json")], None, date(2026, 11, 22)).cannot_tell


def test_reads_that_find_nothing_changed_are_counted_as_unchanged(tmp_path: Path) -> None:
    held = {"steps": [step(), step("read", f"{URN}-2")], "changeSummary": {"create": 1, "same": 1}}
    assert read_file(written(tmp_path, held)).kind == "preview"
    with pytest.raises(PoliciesError, match="leaves out 1 unchanged"):
        read_file(written(tmp_path, {**held, "changeSummary": {"create": 1, "same": 1, "read": 1}}))


def test_what_a_step_makes_is_judged_whoever_its_state_says_it_is_of(tmp_path: Path) -> None:
    made = read_file(written(tmp_path, {"steps": [step(external=True)]}))
    assert [s.id for s in made.subjects] == [URN]


def test_a_plan_gives_workloads_datasets_and_interfaces(tmp_path: Path) -> None:
    plan = {
        "format": "cloud-unless/plan/1",
        "workloads": [{"id": "housing", "name": "Housing", "wave": "wave-1", "disposition": "rehost", "support_ends": None}],
        "waves": [{"id": "wave-1", "ends": "2027-01-31"}],
        "datasets": [{"id": "tenants", "owner": ""}],
        "interfaces": [{"id": "rents", "to": "ledger"}],
    }
    read = {s.id: s for s in subjects(tmp_path, plan)}
    assert {s.kind for s in read.values()} == {"workload", "dataset", "interface", "plan"}
    assert read["housing"].inputs["wave_ends"] == "2027-01-31"
    assert read["housing"].inputs["support_ends"] is None
    assert read["housing"].inputs["owner"] is UNKNOWN
    assert read["tenants"].inputs["owner"] == ""


@pytest.mark.parametrize("sentinel", sorted(UNKNOWN_SENTINELS))
def test_every_sentinel_is_unknown_alone_and_inside_a_text(sentinel: str) -> None:
    assert known(sentinel) is UNKNOWN
    assert known(f"https://{sentinel}.blob") is UNKNOWN
    assert known({"a": [sentinel]})["a"][0] is UNKNOWN


def test_signed_values_are_recognised() -> None:
    assert known({SIGNATURE: SECRET_SIGNATURE, "plaintext": '"hunter2"'}) is SECRET
    assert known({SIGNATURE: SECRET_SIGNATURE, "value": {"a": "hunter2"}}) is SECRET
    assert known({SIGNATURE: OUTPUT_SIGNATURE}) is UNKNOWN
    assert known({SIGNATURE: OUTPUT_SIGNATURE, "value": "x"}) == "x"
    assert known({SIGNATURE: OUTPUT_SIGNATURE, "value": "x", "secret": True}) is SECRET
    assert known({SIGNATURE: REFERENCE_SIGNATURE, "urn": "u", "id": "i"}) == "i"
    assert known("[secret]") is not SECRET


@pytest.mark.parametrize(
    ("written_as", "place"),
    [
        ("project:///stacks/a.py#3,1", ("stacks/a.py", 3)),
        ("project:///a.py", ("a.py", 0)),
        ("", ("", 0)),
        ("project:///a.py#x", ("a.py", 0)),
    ],
)
def test_source_positions(written_as: str, place: tuple[str, int]) -> None:
    assert source_position(written_as) == place


def test_files_of_powershell_are_read(tmp_path: Path) -> None:
    file = tmp_path / "preview.json"
    file.write_bytes(json.dumps({"steps": [step()]}).encode("utf-16"))
    assert len(read_file(file).subjects) == 1
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({"steps": [step()]}).encode())
    assert len(read_file(file).subjects) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_windows_line_ends_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "preview.json"
    file.write_bytes(json.dumps({"steps": [step()]}, indent=2).replace("\n", "\r\n").encode(encoding))
    assert len(read_file(file).subjects) == 1


SPOILT: dict[str, tuple[bytes, str]] = {
    "UTF-16 without its mark": (json.dumps({"steps": []}).encode("utf-16-le"), "is not in UTF-8"),
    "half a character of UTF-16": (json.dumps({"steps": []}).encode("utf-16")[:-1], "is not text"),
    "Latin-1": (json.dumps({"a": "Môn"}, ensure_ascii=False).encode("latin-1"), "is not text"),
    "cut short inside a character": (json.dumps({"a": "Môn"}, ensure_ascii=False).encode()[:9], "is not text"),
    "white space": (b"\xef\xbb\xbf \r\n\t", "is empty"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_file_is_a_plain_fault_and_nothing_could_be_told(what: str, tmp_path: Path) -> None:
    held, told = SPOILT[what]
    (tmp_path / "f.json").write_bytes(held)
    done = CliRunner().invoke(app, ["check", str(tmp_path / "f.json"), "-w", str(tmp_path / "none")])
    assert (done.exit_code, told in done.output) == (3, True), done.output


def test_a_file_that_is_too_large_is_a_plain_fault(tmp_path: Path) -> None:
    with (tmp_path / "f.json").open("wb") as made:
        made.truncate(300_000_001)  # a sparse file: it takes no room
    with pytest.raises(PoliciesError, match="larger than 300 MB"):
        read_file(tmp_path / "f.json")


FAULTY: dict[str, tuple[object, str]] = {
    "cut short": (json.dumps({"steps": [step()]})[:-20], "not whole JSON"),
    "empty": ("", "is empty"),
    "one event a line": ('{"sequence": 1}\n{"sequence": 2}', "not whole JSON"),
    "a list": ([], "no JSON object"),
    "something else": ({"hello": 1}, "holds nothing that is judged"),
    "findings": ({"format": "cloud-unless/findings/1", "judgements": []}, "holds nothing that is judged"),
    "another version": ({"version": 2, "deployment": {"resources": []}}, "version 2"),
    "no version": ({"deployment": {"resources": []}}, "version None"),
    "another plan": ({"format": "cloud-unless/plan/9", "workloads": []}, "cloud-unless/plan/9"),
    "a plan without workloads": ({"format": "cloud-unless/plan/1"}, "workloads"),
    "a failed preview": ({"steps": [step()], "diagnostics": [{"severity": "error", "message": "boom"}]}, "preview that failed (boom)"),
    "no new state": ({"steps": [{"op": "create", "urn": URN}]}, "no newState"),
    "unchanged left out": ({"steps": [step()], "changeSummary": {"create": 1, "same": 4}}, "--show-sames"),
    "more counted than shown": ({"steps": [step()], "changeSummary": {"create": 4}}, "counts 4 to create and shows 1"),
    "updates counted and not shown": ({"steps": [step()], "changeSummary": {"create": 1, "update": 2}}, "counts 2 to update and shows 0"),
    "twice in the state": ({"version": 3, "deployment": {"resources": [state(), state(inputs={})]}}, f"has {URN} twice"),
    "steps are text": ({"steps": "many"}, "steps"),
    "a state without a type": ({"steps": [{"op": "create", "newState": {"urn": URN}}]}, "type"),
    "inputs are a list": ({"steps": [{"op": "create", "newState": {**state(), "inputs": []}}]}, "inputs"),
    "two new states": ({"steps": [step(), step("update", inputs={})]}, "two different new states"),
    "rather deep": ({"steps": [step(inputs=json.loads('{"a":' * 700 + "1" + "}" * 700))]}, "nested too deeply"),
    "too deep": ("[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("what", FAULTY)
def test_what_cannot_be_judged_is_a_plain_fault(what: str, tmp_path: Path) -> None:
    held, told = FAULTY[what]
    with pytest.raises(PoliciesError) as wrong:
        read_file(written(tmp_path, held), "shown.json")
    assert all(f.startswith("shown.json") for f in wrong.value.faults)
    assert told in wrong.value.faults[0]
    assert wrong.value.faults[0].endswith(".")


def test_a_missing_file_a_folder_and_a_binary_are_plain_faults_all_at_once(tmp_path: Path) -> None:
    binary = tmp_path / "b"
    binary.write_bytes(bytes(range(256)))
    with pytest.raises(PoliciesError) as wrong:
        read_all([(tmp_path / "absent.json", "absent.json"), (tmp_path, "folder"), (binary, "binary")])
    assert [f.split(":")[0] for f in wrong.value.faults] == ["absent.json", "folder", "binary"]


def test_two_files_of_one_stack_cannot_both_be_judged(tmp_path: Path) -> None:
    a = written(tmp_path, {"steps": [step()]}, "a.json")
    b = written(tmp_path, {"version": 3, "deployment": {"resources": [state()]}}, "b.json")
    with pytest.raises(PoliciesError, match="dev: two files describe it"):
        check([(a, "a.json"), (b, "b.json")], None, date(2026, 11, 22))


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("azure-native:storage:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native:storage/v20230101:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native:storage/v20230501preview:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native_storage_v20230101:storage:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure:storage/account:Account", "azure:storage/account:Account"),
        ("pulumi:providers:azure-native", "pulumi:providers:azure-native"),
    ],
)
def test_a_resource_of_any_api_version_is_judged_as_what_it_is(written: str, plain: str) -> None:
    assert plain_type(written) == plain
