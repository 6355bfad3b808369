"""The state file: Pulumi's format, whole or not at all, one writer, no secrets."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.automation import Deployment

from rehearsal import RehearsalError, checkpoint, cloud, rehearse, seals
from rehearsal.drift import refreshed
from rehearsal.seals import seal
from rehearsal.state import State
from rehearsal.upkeep import destroyed
from rehearsal.values import SECRET, SIGNATURE, secret

MakeProject = Callable[[str], Path]

_STRINGS = {"type": "array", "items": {"type": "string"}}
_RESOURCE = {
    "type": "object",
    "required": ["urn", "custom", "type"],
    "additionalProperties": False,
    "properties": {
        **{k: {"type": "string", "minLength": 1} for k in ("urn", "type", "id", "parent", "provider", "importID", "deletedWith")},
        **{k: {"type": "string", "format": "date-time"} for k in ("created", "modified")},
        **{k: {"type": "boolean"} for k in ("custom", "protect", "external", "retainOnDelete")},
        **{k: {"type": "object"} for k in ("inputs", "outputs")},
        **dict.fromkeys(("dependencies", "additionalSecretOutputs", "ignoreChanges", "replaceOnChanges"), _STRINGS),
        "propertyDependencies": {"type": "object", "additionalProperties": _STRINGS},
        "customTimeouts": {"type": "object", "additionalProperties": {"type": "number"}},
        "sourcePosition": {"type": "string", "pattern": r"^project:///.+#\d+(,\d+)?$"},
    },
}
# The fields of apitype's DeploymentV3 and ResourceV3 that a rehearsal writes, and what its published schema demands of each
# (sdk/go/common/apitype/deployments.json and resources.json of pulumi/pulumi at 1b59498, read 2026-11-24; the newer options
# that the Go structs have stand in no schema yet).
_DEPLOYMENT = {
    "type": "object",
    "required": ["version", "deployment"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": 3},
        "deployment": {
            "type": "object",
            "required": ["manifest", "resources"],
            "additionalProperties": False,
            "properties": {
                "manifest": {
                    "type": "object",
                    "required": ["time", "magic", "version"],
                    "additionalProperties": False,
                    "properties": {
                        "time": {"type": "string", "format": "date-time"},
                        "magic": {"type": "string"},
                        "version": {"type": "string"},
                    },
                },
                "secrets_providers": {
                    "type": "object",
                    "required": ["type"],
                    "additionalProperties": False,
                    "properties": {"type": {"type": "string"}, "state": {"type": "object"}},
                },
                "metadata": {"type": "object"},
                "resources": {"type": "array", "items": _RESOURCE},
            },
        },
    },
}

PROGRAM = """
import os
import time

a = Thing("a", size=config.get_int("size") or 1, key=pulumi.Output.secret("s3cret-key"), opts=pulumi.ResourceOptions(protect=True))
Thing("b", of=a.id, opts=pulumi.ResourceOptions(depends_on=[a], custom_timeouts=pulumi.CustomTimeouts(create="5m")))
if config.get_bool("wait"):
    open(os.path.join(os.path.dirname(__file__), "waiting"), "w").close()
    time.sleep(60)
pulumi.export("key", a.key)
"""


def test_it_is_a_deployment_of_version_3_that_stands_in_order(project: MakeProject, tmp_path: Path) -> None:
    state = tmp_path / "dev.json"
    rehearse(project(PROGRAM), "dev", state)
    held: dict[str, Any] = json.loads(state.read_text("utf-8"))
    jsonschema.validate(held, _DEPLOYMENT, format_checker=jsonschema.FormatChecker())
    manifest = held["deployment"]["manifest"]
    assert manifest["magic"] == hashlib.sha256(manifest["version"].encode()).hexdigest()
    _stands_in_order(held)


def _stands_in_order(held: dict[str, Any]) -> None:
    """What Pulumi verifies before it takes a snapshot: whatever a resource names stands before it, and no name stands twice."""
    seen: dict[str, str] = {}
    for resource in held["deployment"]["resources"]:
        provider, _, identity = resource.get("provider", "").rpartition("::")
        on = [u for urns in resource.get("propertyDependencies", {}).values() for u in urns]
        needed = {resource.get("parent"), resource.get("deletedWith"), provider, *resource.get("dependencies", ()), *on} - {None, ""}
        assert needed <= seen.keys(), resource["urn"]
        assert not provider or seen[provider] == identity, resource["urn"]
        assert resource["urn"] not in seen
        assert resource["custom"] or "id" not in resource
        seen[resource["urn"]] = resource.get("id", "")


_OPTIONS = st.fixed_dictionaries({"of": st.integers(0, 7), "parent": st.integers(0, 7), "on": st.integers(0, 7), "with": st.integers(0, 7)})


def _state(number: int, options: dict[str, int]) -> State:
    """A resource that stands on some of those before it."""
    before = [_urn(i) for i in range(number)]
    pick = {k: before[v % number] if number and v < 6 else "" for k, v in options.items()}
    return State(
        urn=_urn(number),
        type="test:index:Thing",
        custom=True,
        id=f"id-{number}",
        inputs={"size": 1},
        outputs={"size": 1},
        parent=pick["parent"],
        dependencies=tuple(u for u in (pick["on"],) if u),
        property_dependencies={"of": [pick["of"]]} if pick["of"] else {},
        deleted_with=pick["with"],
    )


def _urn(number: int) -> str:
    return f"urn:pulumi:dev::case::test:index:Thing::t{number}"


@settings(max_examples=60, deadline=None)
@given(st.lists(_OPTIONS, min_size=1, max_size=8), st.sets(st.integers(0, 7)))
def test_whatever_is_gone_from_the_cloud_a_refreshed_state_stands_in_order(options: list[dict[str, int]], gone: set[int]) -> None:
    states = tuple(_state(i, o) for i, o in enumerate(options))
    there = cloud.Cloud({s.id: cloud.Held(s.id, s.type, s.outputs) for i, s in enumerate(states) if i not in gone})
    record, drift = refreshed(checkpoint.Checkpoint(states), there)
    written = checkpoint.to_json(checkpoint.Checkpoint(record.resources), "3.272.0", datetime.now(UTC))
    jsonschema.validate(written, _DEPLOYMENT, format_checker=jsonschema.FormatChecker())
    _stands_in_order(written)
    assert {d.urn for d in drift} == {s.urn for i, s in enumerate(states) if i in gone}
    assert [s.urn for s in record.resources] == [s.urn for i, s in enumerate(states) if i not in gone]


@settings(max_examples=60, deadline=None)
@given(st.lists(_OPTIONS, min_size=1, max_size=8))
def test_a_destroy_deletes_nothing_that_something_left_stands_on(options: list[dict[str, int]]) -> None:
    states = tuple(_state(i, o) for i, o in enumerate(options))
    left = {s.urn: s for s in states}
    for step in destroyed(checkpoint.Checkpoint(states)).steps:
        del left[step.urn]
        for state in left.values():
            on = [u for urns in state.property_dependencies.values() for u in urns]
            assert step.urn not in {state.parent, state.deleted_with, *state.dependencies, *on}
    assert left == {}


def test_the_automation_api_takes_it_and_nothing_is_lost_on_the_way(project: MakeProject, tmp_path: Path) -> None:
    state = tmp_path / "dev.json"
    rehearse(project(PROGRAM), "dev", state)
    held = json.loads(state.read_text("utf-8"))
    taken = Deployment(version=held["version"], deployment=held["deployment"])
    again = checkpoint.load(state)
    written = checkpoint.to_json(again, "3.272.0", datetime.now(UTC))
    assert written["deployment"]["resources"] == taken.deployment["resources"]  # pyright: ignore[reportOptionalSubscript]


def test_two_rehearsals_of_one_program_are_the_same_but_for_time_and_salt(project: MakeProject, tmp_path: Path) -> None:
    folder = project(PROGRAM.replace("pulumi.Output.secret", "str"))
    found: list[Any] = []
    for name in ("one", "two"):
        rehearse(folder, "dev", tmp_path / name / "dev.json")
        resources = json.loads((tmp_path / name / "dev.json").read_text("utf-8"))["deployment"]["resources"]
        found.append([{k: v for k, v in r.items() if k not in ("created", "modified")} for r in resources])
    assert found[0] == found[1]


def test_no_secret_stands_in_it(project: MakeProject, tmp_path: Path) -> None:
    state = tmp_path / "dev.json"
    rehearse(project(PROGRAM), "dev", state)
    assert "s3cret-key" not in state.read_text("utf-8")
    assert b"s3cret-key".hex() not in state.read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2}', '{"version": 3}', '{"version": 3, "deployment": {"resources": [{"urn": 1}]}}', "\x00\x01"]
)
def test_a_corrupt_state_is_refused_and_left_alone(text: str, project: MakeProject, tmp_path: Path) -> None:
    state = tmp_path / "dev.json"
    state.write_text(text, "utf-8")
    with pytest.raises(RehearsalError) as wrong:
        rehearse(project(PROGRAM), "dev", state)
    assert str(state) in wrong.value.faults[0]
    assert "remove it to rehearse from nothing" in wrong.value.faults[0]
    assert state.read_text("utf-8") == text


def _started(folder: Path, state: Path) -> subprocess.Popen[bytes]:
    """A rehearsal in another process, waiting inside the program."""
    code = (
        "import sys, pathlib, rehearsal\n"
        "given = {'size': '2', 'wait': 'true'}\n"
        "rehearsal.rehearse(pathlib.Path(sys.argv[1]), 'dev', pathlib.Path(sys.argv[2]), config=given)"
    )
    running = subprocess.Popen([sys.executable, "-c", code, str(folder), str(state)])
    deadline = time.monotonic() + 60
    while not (folder / "waiting").exists():
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return running


def test_killed_in_the_middle_it_is_as_it_was_and_the_program_ends_too(project: MakeProject, tmp_path: Path) -> None:
    folder, state = project(PROGRAM + "\nopen(__file__ + '.end', 'w').close()\n"), tmp_path / "dev.json"
    rehearse(folder, "dev", state)
    before = state.read_bytes()
    (folder / "__main__.py.end").unlink()
    running = _started(folder, state)
    os.kill(running.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    running.wait()
    assert state.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".dev.json.") and not p.name.endswith(".lock")] == []
    assert rehearse(folder, "dev", state).summary == {"same": 4}


class _Killed(BaseException):
    """Stands for a process that ends at once: nothing after it is done."""


def _die(*_: object) -> None:
    raise _Killed


@pytest.mark.parametrize("call", ["rehearsal.pending.keep", "rehearsal.cloud.save"])
def test_killed_between_the_clouds_file_and_the_states_the_next_run_goes_on(
    project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    folder, state = project(PROGRAM), tmp_path / "dev.json"
    with monkeypatch.context() as dying:
        dying.setattr(call, _die)
        with pytest.raises(_Killed):
            rehearse(folder, "dev", state)
    assert not state.exists()
    assert (tmp_path / "azure.jsonl").exists() == (call == "rehearsal.pending.keep")
    assert rehearse(folder, "dev", state).summary == ({"same": 4} if call == "rehearsal.pending.keep" else {"create": 4})
    with monkeypatch.context() as dying:
        dying.setattr(call, _die)
        with pytest.raises(_Killed):
            rehearse(folder, "dev", state, config={"size": "2"})
    assert (rehearse(folder, "dev", state, config={"size": "2"}).summary == {"same": 4}) == (call == "rehearsal.pending.keep")
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".next")] == []


def test_two_rehearsals_of_one_stack_do_not_interleave(project: MakeProject, tmp_path: Path) -> None:
    folder, state = project(PROGRAM), tmp_path / "dev.json"
    running = _started(folder, state)
    try:
        with pytest.raises(RehearsalError, match="dev is being rehearsed by another process"):
            rehearse(folder, "dev", state)
        assert rehearse(folder, "other", tmp_path / "other.json").summary == {"create": 4}
    finally:
        running.kill()
        running.wait()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None)
@given(JSON, JSON, st.text(alphabet="0123456789abcdef", min_size=8))
def test_a_seal_tells_the_same_secret_from_another_and_shows_neither(one: Any, other: Any, salt: str) -> None:
    first, again, second = (seal({"deep": [secret(v)]}, salt) for v in (one, one, other))
    assert first == again
    assert (first == second) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))
    assert set(first["deep"][0]) == {SIGNATURE, "ciphertext"}
    assert first["deep"][0][SIGNATURE] == SECRET


def test_pulumi_can_decrypt_a_seal_and_finds_only_that_it_is_secret() -> None:
    key = hashlib.pbkdf2_hmac("sha256", seals.PASSPHRASE.encode(), seals.SALT, 1_000_000, 32)
    for written, text in (
        (seal(secret("hunter2"), "salt")["ciphertext"], r'"\[secret\] scrypt:[0-9a-f]{64}"'),
        (seals.provider_state()["salt"].split(":", 2)[2], "pulumi"),
    ):
        version, nonce, sealed = written.split(":")
        found = AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()
        assert version == "v1"
        assert re.fullmatch(text, found)


@settings(max_examples=20, deadline=None)
@given(st.text(min_size=1))
def test_another_salt_gives_another_seal(text: str) -> None:
    assert seal(secret(text), "one") != seal(secret(text), "two")
