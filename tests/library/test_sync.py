"""Public data comes as it was reviewed or not at all, from a server, through a proxy or from a file; what was there stays until then."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from stacks.errors import StacksError
from stacks.library.download import archive_file, archive_of
from stacks.library.pins import RECEIPT, CopyState, Pin, chosen_pins, copy_of, digest_of_copy, kept_files, pins
from stacks.library.sync import Source, sync
from tests.library.archives import Answer, giving, https_server, packed, packed_folder, proxy, refusing

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/cases/library-archives"
DATA = ROOT / "../shared/data"
FILES = {"LICENSE": "MIT", "data/a.json": "{}", "data/deep/b.json": "[]"}
WHOLE = packed([{"path": f"top/{path}", "content": content} for path, content in FILES.items()])
OLD = "azure-landing-zones-library-2026.01.3"


@pytest.fixture
def pin(tmp_path: Path) -> Pin:
    made = tmp_path / "reviewed"
    for path, content in FILES.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(content, "utf-8")
    open_pin = Pin("small", "for a test", "council/small", "0" * 40, ("LICENSE", "data/*.json"), "", 2)
    digest = digest_of_copy(made, kept_files(made, open_pin), open_pin)
    return Pin("small", "for a test", "council/small", "0" * 40, ("LICENSE", "data/*.json"), digest, 2)


def _from(archive: bytes, tmp_path: Path) -> Source:
    file = tmp_path / "archive.tar.gz"
    file.write_bytes(archive)
    return archive_file(file)


def _held(folder: Path) -> list[str]:
    return sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file() and f.name != RECEIPT)


@pytest.mark.parametrize("file", sorted(CASES.glob("*.toml")), ids=lambda f: f.stem)
def test_an_archive_gives_what_was_reviewed_or_nothing(file: Path, pin: Pin, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    archive, root = tmp_path / "archive.tar.gz", tmp_path / "root"
    archive.write_bytes(packed(case["members"], case.get("damage", "")))
    if "refused" in case:
        with pytest.raises(StacksError) as refused:
            sync(root, pin, archive_file(archive))
        assert re.search(case["refused"], str(refused.value))
        assert str(refused.value).isprintable()
        assert list(root.iterdir()) == []
    else:
        assert sync(root, pin, archive_file(archive)).state is CopyState.AS_PINNED
        assert _held(root / "small") == case["brought"]
        assert [p.name for p in root.iterdir()] == ["small"]
    assert not (tmp_path / "outside.json").exists()


def test_how_a_checkout_ends_its_lines_does_not_count(pin: Pin, tmp_path: Path) -> None:
    file, digests = tmp_path / "reviewed/data/a.json", set[str]()
    for end in (b"\n", b"\r\n"):
        file.write_bytes(b"{" + end + b"}")
        digests.add(digest_of_copy(tmp_path / "reviewed", kept_files(tmp_path / "reviewed", pin), pin))
    assert len(digests) == 1
    file.write_bytes(b"{ }")
    assert digest_of_copy(tmp_path / "reviewed", kept_files(tmp_path / "reviewed", pin), pin) not in digests


def test_a_file_known_by_gits_id_alone_is_compared_by_it(pin: Pin, tmp_path: Path) -> None:
    by_id = replace(pin, by_git_id=("data/a.json",))
    made, same = tmp_path / "reviewed", tmp_path / "same"
    # `printf '{}' | git hash-object --stdin`
    contents = {**FILES, "data/a.json": "9e26dfeeb6e641a33dae4961196235bdb965b21b"}
    for path, content in contents.items():
        (same / path).parent.mkdir(parents=True, exist_ok=True)
        (same / path).write_text(content, "utf-8")
    assert digest_of_copy(made, kept_files(made, pin), by_id) == digest_of_copy(same, kept_files(same, pin), pin)


def test_what_is_as_pinned_is_not_asked_for_again(pin: Pin, tmp_path: Path) -> None:
    sync(tmp_path / "root", pin, _from(WHOLE, tmp_path))
    assert sync(tmp_path / "root", pin, archive_file(tmp_path / "no such file")).state is CopyState.AS_PINNED


def test_a_copy_of_another_pin_gives_way_and_one_that_somebody_changed_does_not(pin: Pin, tmp_path: Path) -> None:
    root, source = tmp_path / "root", _from(WHOLE, tmp_path)
    narrow = replace(pin, keep=("LICENSE",), digest=_digest_of_licence(tmp_path / "reviewed", pin))
    assert sync(root, narrow, source).files == 1
    assert copy_of(root, replace(narrow, digest=pin.digest)).state is CopyState.OTHER_PIN
    assert sync(root, pin, source).files == 3
    (root / "small/data/a.json").write_text('{"ours": true}', "utf-8")
    with pytest.raises(StacksError, match=r"small: is not the copy that is pinned, and was not brought by unless.*--replace"):
        sync(root, pin, source)
    assert (root / "small/data/a.json").read_text("utf-8") == '{"ours": true}'
    assert sync(root, pin, source, is_replaced=True).state is CopyState.AS_PINNED
    assert [p.name for p in root.iterdir()] == ["small"]


def _digest_of_licence(folder: Path, pin: Pin) -> str:
    return digest_of_copy(folder, [folder / "LICENSE"], pin)


def test_a_copy_stays_until_the_new_one_is_whole(pin: Pin, tmp_path: Path) -> None:
    root = tmp_path / "root"
    narrow = replace(pin, keep=("LICENSE",), digest=_digest_of_licence(tmp_path / "reviewed", pin))
    sync(root, narrow, _from(WHOLE, tmp_path))
    with pytest.raises(StacksError, match="the archive is not whole"):
        sync(root, pin, _from(WHOLE[: len(WHOLE) // 2], tmp_path))
    assert copy_of(root, narrow).state is CopyState.AS_PINNED


def test_what_a_killed_run_left_is_removed_when_it_is_old(pin: Pin, tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name, age_hours in (("old", 30), ("new", 1)):
        (root / f".incoming-{name}").mkdir(parents=True)
        at = time.time() - age_hours * 3600
        os.utime(root / f".incoming-{name}", (at, at))
    sync(root, pin, _from(WHOLE, tmp_path))
    assert sorted(p.name for p in root.iterdir()) == [".incoming-new", "small"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere, so there is nothing to be refused")
def test_a_folder_that_may_not_be_written_is_said(pin: Pin, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir(mode=0o500)
    with pytest.raises(StacksError, match="permissions"):
        sync(tmp_path / "root", pin, _from(WHOLE, tmp_path))


def test_a_file_where_the_folder_should_be_is_said(pin: Pin, tmp_path: Path) -> None:
    (tmp_path / "root").write_text("a file", "utf-8")
    with pytest.raises(StacksError, match=r"root: is a file, and public data is kept in a folder\. Name a folder"):
        sync(tmp_path / "root", pin, _from(WHOLE, tmp_path))


# From a server.


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def _brought(answer: Answer, pin: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    with https_server(tmp_path, answer) as (address, certificate, asked):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        sync(tmp_path / "root", pin, partial(archive_of, host=address))
    return asked


def test_the_archive_of_the_commit_is_asked_for(pin: Pin, tmp_path: Path, alone: pytest.MonkeyPatch) -> None:
    assert _brought(giving(WHOLE), pin, tmp_path, alone) == [f"/council/small/archive/{'0' * 40}.tar.gz"]
    assert copy_of(tmp_path / "root", pin).state is CopyState.AS_PINNED


def test_a_proxy_is_used_where_one_is_named(pin: Pin, tmp_path: Path, alone: pytest.MonkeyPatch) -> None:
    with proxy() as (address, led):
        alone.setenv("HTTPS_PROXY", address)
        assert len(_brought(giving(WHOLE), pin, tmp_path, alone)) == 1
    assert len(led) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(pin: Pin, tmp_path: Path, alone: pytest.MonkeyPatch) -> None:
    with https_server(tmp_path, giving(WHOLE)) as (address, _, asked):
        alone.delenv("SSL_CERT_FILE", raising=False)
        with pytest.raises(StacksError, match=r"the certificate shown for https://.* is not trusted .*SSL_CERT_FILE.*--from FILE"):
            sync(tmp_path / "root", pin, partial(archive_of, host=address))
    assert asked == []


def _broken_off(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(WHOLE)))
    request.end_headers()
    request.wfile.write(WHOLE[: len(WHOLE) // 2])


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refusing(404), "answers 404: it has not this commit"),
        (refusing(407), "answers 407: the proxy wants a name"),
        (refusing(503), "answers 503: it cannot serve this now"),
        (refusing(302, "http://127.0.0.1:9/elsewhere"), "unknown url type: http"),
        (refusing(302, "file:///etc/passwd"), "answers 302"),
        (_broken_off, "the archive is not whole"),
        (giving(b"<html>"), "the archive is not whole"),
    ],
)
def test_what_stands_in_the_way_is_said(answer: Answer, told: str, pin: Pin, tmp_path: Path, alone: pytest.MonkeyPatch) -> None:
    with pytest.raises(StacksError, match=f"^small: .*{told}"):
        _brought(answer, pin, tmp_path, alone)
    assert list((tmp_path / "root").iterdir()) == []


def test_a_server_that_is_not_there_is_said(pin: Pin, tmp_path: Path, alone: pytest.MonkeyPatch) -> None:
    with pytest.raises(StacksError, match=r"cannot be had \(.+\)\. Look at the network and HTTPS_PROXY.*unless library sync small --from"):
        sync(tmp_path / "root", pin, partial(archive_of, host="https://127.0.0.1:1"))


# The pins themselves, and the command.


def test_every_pin_can_be_asked_for() -> None:
    assert [p.name for p in pins() if not re.fullmatch(r"[0-9a-f]{40}", p.commit) or not re.fullmatch(r"[0-9a-f]{64}", p.digest)] == []
    assert all(p.wants("LICENSE") for p in pins())
    with pytest.raises(StacksError, match="azure-polcy: no public data is called this; there are azure-landing-zones-library, "):
        chosen_pins(("azure-polcy",))


@pytest.mark.parametrize("name", ["azure-landing-zones-library", OLD])
def test_the_published_library_at_hand_is_as_pinned(name: str) -> None:
    if not (DATA / name).is_dir():
        pytest.skip(f"../shared/data/{name} is not here: it cannot be compared with its pin")
    assert copy_of(DATA, *chosen_pins((name,))).state is CopyState.AS_PINNED


def _unless(*arguments: str | Path, **more: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | {"PYTHONPATH": str(ROOT)} | more
    command = [sys.executable, "-m", "console", "library", *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["sync", "--from", "a.tar.gz"], 2, "--from takes the archive of one: name it"),
        (["sync", OLD, "--from", "a.tar.gz", "--mirror", "https://a"], 2, "give one of them"),
        (["sync", "--mirror", "http://mirror.example"], 2, "it must begin with https://"),
        (["sync", "--mirror", "https://[mirror"], 2, "it must begin with https://"),
        (["sync", "no-such", "nor-this"], 1, "nor-this: no public data is called this"),
        (["sync", OLD, "--from", "no-such.tar.gz"], 1, "no-such.tar.gz cannot be read (No such file or directory)"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], code: int, told: str, tmp_path: Path) -> None:
    ended, _, err = _ended(_unless(*arguments, "--library", tmp_path / "root"))
    assert ended == code, err
    assert told in err
    assert "Traceback" not in err


def test_a_run_that_is_killed_leaves_nothing_in_the_place_and_the_next_brings_it(tmp_path: Path) -> None:
    if not (DATA / OLD).is_dir():
        pytest.skip(f"../shared/data/{OLD} is not here: it cannot be brought")
    archive, root, release = packed_folder(DATA / OLD), tmp_path / "root", threading.Event()

    def stalling(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(archive[: len(archive) // 2])
        request.wfile.flush()
        release.wait(60)

    with https_server(tmp_path, stalling) as (address, certificate, _):
        stopped = _unless("sync", OLD, "--library", root, "--mirror", address, SSL_CERT_FILE=str(certificate))
        _wait_for(lambda: any(root.glob(".incoming-*/made/platform")))
        stopped.send_signal(signal.SIGKILL)
        _ended(stopped)
        release.set()
    assert not (root / OLD).exists()
    with https_server(tmp_path, giving(archive)) as (address, certificate, _):
        code, out, err = _ended(_unless("sync", OLD, "--library", root, "--mirror", address, SSL_CERT_FILE=str(certificate)))
    assert (code, "as pinned" in out) == (0, True), err
    code, out, _ = _ended(_unless("--library", root, "--json"))
    assert (code, {c["name"]: c["state"] for c in json.loads(out)}[OLD]) == (0, "as pinned")


def _wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until, "it did not begin"
        time.sleep(0.05)
