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

from rehearsal import RehearsalError, checkpoint, rehearse, seals
from rehearsal.seals import seal
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
# The fields of apitype's DeploymentV3 and ResourceV3 (sdk/go/common/apitype of pulumi/pulumi) that a rehearsal writes.
_DEPLOYMENT = {
    "type": "object",
    "required": ["version", "deployment"],
    "properties": {
        "version": {"const": 3},
        "deployment": {
            "type": "object",
            "required": ["manifest", "resources"],
            "properties": {
                "manifest": {"type": "object", "required": ["time", "magic", "version"]},
                "secrets_providers": {"type": "object", "required": ["type"]},
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
    seen: set[str] = set()
    for resource in held["deployment"]["resources"]:
        needed = {resource.get("parent"), *resource.get("dependencies", ()), resource.get("provider", "").rpartition("::")[0]} - {None, ""}
        assert needed <= seen, resource["urn"]
        seen.add(resource["urn"])


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
