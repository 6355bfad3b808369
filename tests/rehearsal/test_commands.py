"""`unless rehearse` and `unless doctor`, as a person runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MakeProject = Callable[[str], Path]
PROGRAM = """
a = Thing("a", size=config.get_int("size") or 1, key=pulumi.Output.secret("s3cret-key"))
pulumi.export("size", a.size)
pulumi.export("key", a.key)
if config.get_bool("fail"):
    raise ValueError("the key is s3cret-key")
"""


def unless(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.argv[0] = 'unless'; from console.cli import main; main()"
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def place(project: MakeProject) -> Path:
    """A project's folder with a workspace in it."""
    folder = project(PROGRAM)
    (folder / ".unless").mkdir()
    (folder / ".unless" / "unless.toml").write_text('[council]\nname = "Exampleborough"\n', "utf-8")
    return folder


def test_the_first_rehearsal_creates_the_second_changes_nothing_an_edit_updates_one(place: Path) -> None:
    first = unless("rehearse", "dev", cwd=place)
    assert first.returncode == 0, first.stderr
    assert " +     test:index:Thing a" in first.stdout
    assert first.stdout.endswith("+ 3 to create, 0 unchanged\n")
    second = unless("rehearse", "dev", cwd=place)
    assert second.stdout == "No change: 3 unchanged\n"
    third = unless("rehearse", "dev", "--config", "size=2", "--diff", cwd=place)
    assert " ~     test:index:Thing a [~size]" in third.stdout
    assert "~ size: 1 => 2" in third.stdout
    assert " ~  size: 2" in third.stdout
    assert third.stdout.endswith("~ 1 to update, 2 unchanged\n")
    assert all("s3cret" not in run.stdout + run.stderr for run in (first, second, third))


def test_json_is_the_shape_of_pulumis_preview_and_is_kept(place: Path) -> None:
    done = unless("rehearse", "dev", "--json", cwd=place)
    told = json.loads(done.stdout)
    assert set(told) == {"config", "steps", "diagnostics", "duration", "changeSummary"}
    assert told["changeSummary"] == {"create": 3}
    assert set(told["steps"][-1]) == {"op", "urn", "provider", "newState", "detailedDiff"}
    assert told == json.loads((place / ".unless/rehearsal/dev.preview.json").read_text("utf-8"))
    assert "s3cret" not in done.stdout


def test_a_preview_keeps_no_state(place: Path) -> None:
    done = unless("rehearse", "dev", "--preview", cwd=place)
    assert done.stdout.endswith("+ 3 to create, 0 unchanged\n")
    assert not (place / ".unless/rehearsal/dev.json").exists()
    assert (place / ".unless/rehearsal/dev.preview.json").exists()


def test_a_program_that_fails_is_told_in_a_sentence_and_with_debug_in_full(place: Path) -> None:
    done = unless("rehearse", "dev", "--config", "fail=true", cwd=place)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("__main__.py, line 15: ValueError: the key is [secret]")
    assert "Traceback" not in done.stderr
    assert not (place / ".unless/rehearsal/dev.json").exists()
    debugged = unless("rehearse", "dev", "--config", "fail=true", "--debug", cwd=place)
    assert "Traceback" in debugged.stderr
    assert "s3cret-key" not in debugged.stderr


def test_without_a_workspace_it_says_how_to_make_one(project: MakeProject) -> None:
    done = unless("rehearse", "dev", cwd=project(PROGRAM))
    assert done.returncode == 1
    assert ".unless is not a workspace: it has no unless.toml. Run: unless init" in done.stderr


def test_configuration_without_a_value_is_wrong_usage(place: Path) -> None:
    done = unless("rehearse", "dev", "--config", "size", cwd=place)
    assert done.returncode == 2
    assert "--config size: write KEY=VALUE." in done.stderr


def test_doctor_tells_what_is_here(place: Path) -> None:
    unless("rehearse", "dev", cwd=place)
    done = unless("doctor", "--json", cwd=place)
    assert done.returncode == 0, done.stderr
    found = {(f["section"], f["name"]): f for f in json.loads(done.stdout)}
    assert found["Engines", "rehearsal"]["state"] == "present"
    assert found["Engines", "Pulumi CLI"]["state"] in ("present", "missing")
    assert found["Packages", "pulumi"]["told"] == "3.272.0"
    assert found["Workspace", "rehearsal/dev.json"]["told"] == "3 resources"
    assert {s for s, _ in found} >= {"Engines", "Machine", "Parts", "Packages", "Workspace"}


def test_doctor_names_a_corrupt_state_and_exits_with_1(place: Path) -> None:
    (place / ".unless/rehearsal").mkdir()
    (place / ".unless/rehearsal/dev.json").write_text("{", "utf-8")
    done = unless("doctor", "--json", cwd=place)
    assert done.returncode == 1
    assert [f["name"] for f in json.loads(done.stdout) if f["state"] == "wrong"] == ["rehearsal/dev.json"]


def test_doctor_works_without_a_workspace(tmp_path: Path) -> None:
    done = unless("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "is not a workspace" in done.stdout


def test_a_setting_given_on_the_command_line_is_hidden_where_its_name_or_the_program_makes_it_a_secret(place: Path) -> None:
    given = ("--config", "db_password=Plain-by-name-1", "--config", "other=s3cret-key", "--config", "note=seen")
    done = unless("rehearse", "dev", "--json", *given, cwd=place)
    config = json.loads(done.stdout)["config"]
    assert {k.split(":")[1]: v for k, v in config.items()} == {"db_password": "[secret]", "other": "[secret]", "note": "seen"}
    for file in (place / ".unless").rglob("*"):
        assert file.is_dir() or b"Plain-by-name-1" not in file.read_bytes()


def _meddle(place: Path, **line: object) -> None:
    file = place / ".unless/rehearsal/azure.jsonl"
    identity = next(held["id"] for held in map(json.loads, file.read_text("utf-8").splitlines()) if "id" in held)
    with file.open("a", encoding="utf-8") as written:
        written.write(json.dumps({"id": identity, **line}))


def test_drift_is_told_with_exit_code_1_and_a_refresh_takes_it_into_the_state(place: Path) -> None:
    unless("rehearse", "dev", cwd=place)
    none = unless("rehearse", "dev", "--drift", cwd=place)
    assert (none.returncode, none.stdout) == (0, "No change: 3 unchanged\n")
    _meddle(place, set={"size": 5}, by="somebody@example.org")
    drift = unless("rehearse", "dev", "--drift", cwd=place)
    assert drift.returncode == 1
    assert "test:index:Thing a differs in size, changed by somebody@example.org." in drift.stderr
    assert " ~     test:index:Thing a [~size]" in drift.stdout
    assert unless("rehearse", "dev", "--refresh", "--diff", cwd=place).stdout.endswith("~ size: 1 => 5\n~ 1 to update, 2 unchanged\n")
    assert unless("rehearse", "dev", "--drift", cwd=place).returncode == 0
    assert "~ size: 5 => 1" in unless("rehearse", "dev", "--preview", "--diff", cwd=place).stdout


def test_destroy_stops_at_the_brake_and_then_leaves_nothing(place: Path) -> None:
    unless("rehearse", "dev", cwd=place)
    stopped = unless("rehearse", "dev", "--destroy", "--most", "0", cwd=place)
    assert stopped.returncode == 1
    assert "This would delete 1 and replace 0 resources (a), and one run may 0 at the most: nothing was done." in stopped.stderr
    looked = unless("rehearse", "dev", "--destroy", "--preview", cwd=place)
    assert looked.stdout.endswith("- 3 to delete, 0 unchanged\n")
    assert unless("rehearse", "dev", cwd=place).stdout == "No change: 3 unchanged\n"
    assert unless("rehearse", "dev", "--destroy", cwd=place).returncode == 0
    assert json.loads((place / ".unless/rehearsal/dev.json").read_text("utf-8"))["deployment"]["resources"] == []
    again = unless("rehearse", "dev", "--drift", cwd=place)
    assert (again.returncode, again.stdout) == (0, "No change: 0 unchanged\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--refresh", "--destroy"), "--refresh and --destroy cannot be done in one run. Run them one after the other."),
        (("--drift", "--config", "size=2"), "--drift does not run the program, so --config has no effect. Leave it out."),
        (("--refresh", "--policy-pack", "pack"), "--refresh does not run the program, so --policy-pack has no effect. Leave it out."),
        (
            ("--policy-pack", "pack", "--policy-pack-config", "a.json", "--policy-pack-config", "b.json"),
            "--policy-pack-config: give it once for each --policy-pack, in the same order, or not at all.",
        ),
    ],
)
def test_what_cannot_go_together_is_wrong_usage(words: tuple[str, ...], told: str, place: Path) -> None:
    done = unless("rehearse", "dev", *words, cwd=place)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_stack_that_was_not_rehearsed_has_nothing_to_refresh(place: Path) -> None:
    done = unless("rehearse", "dev", "--refresh", cwd=place)
    assert done.returncode == 1
    assert "The stack dev has not been rehearsed" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_pretend_providers_are_written_into_the_workspace_and_their_folder_is_all_that_is_printed(place: Path) -> None:
    assert "missing" in [f["state"] for f in json.loads(unless("doctor", "--json", cwd=place).stdout) if f["name"] == "pretend providers"]
    done = unless("providers", cwd=place)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert folder == (place / ".unless/rehearsal/pulumi/bin").resolve()
    names = ("pulumi-resource-azure-native", "pulumi-resource-azuread")
    assert sorted(f.name for f in folder.iterdir()) == sorted([*names, *(f"{n}.cmd" for n in names)])
    assert all(os.access(folder / n, os.X_OK) for n in names)
    assert "Do not use it with the state of a real stack" in done.stderr
    found = {f["name"]: f["state"] for f in json.loads(unless("doctor", "--json", cwd=place).stdout)}
    assert found["pretend providers"] == "present"


def test_our_own_policy_pack_judges_a_rehearsal_and_stops_it(project: MakeProject, place: Path) -> None:
    """A breach is told with its remedy and its clauses, the exit code is 1 and nothing is kept."""
    pack = Path(__file__).parents[2] / "policies" / "pack"
    project(
        PROGRAM + 'import pulumi_azure_native.storage as storage\nstorage.StorageAccount("open", allow_shared_key_access=True, '
        'resource_group_name="rg", kind=storage.Kind.STORAGE_V2, sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS))\n'
    )
    done = unless("rehearse", "dev", "--policy-pack", pack, cwd=place)
    assert done.returncode == 1
    assert "[mandatory, medium] storage-denies-shared-keys (azure-native:storage:StorageAccount: open)" in done.stderr
    assert "fail: allowSharedKeyAccess is true; it must be false." in done.stderr
    assert "Clauses: " in done.stderr
    assert "golden-rules\n" in done.stderr, "the package test is one that no control knows"
    assert not (place / ".unless" / "rehearsal" / "dev.json").exists()
