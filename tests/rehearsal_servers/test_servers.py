"""The local servers start, serve, and end; the share is the same for everybody."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from migration.steps.endpoints import BlobPlace, SharePlace
from migration.steps.model import StepError
from migration.steps.ssh import list_share, run
from migration.steps.store_blob import BlobStore
from rehearsal.servers import azurite, azurite_program, make_share, ssh_server
from rehearsal.servers.ssh import sshd_program

REPOSITORY = Path(__file__).parents[2]


def _place(server: object, share: Path) -> SharePlace:
    held = {name: getattr(server, name) for name in ("host", "port", "user", "fingerprint")}
    return SharePlace(**held, key_file=str(server.key_file), path=str(share))  # type: ignore[attr-defined]


def test_the_share_is_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    def digest(folder: Path) -> str:
        found = hashlib.sha256()
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            found.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + str(file.stat().st_mtime).encode())
        return found.hexdigest()

    assert make_share(tmp_path / "a", 60, seed=7) == make_share(tmp_path / "b", 60, seed=7) == 60
    make_share(tmp_path / "c", 60, seed=8)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


@pytest.mark.parametrize("kind", ["openssh", "paramiko"])
def test_a_share_is_listed_over_ssh_and_the_server_ends_with_its_block(tmp_path: Path, kind: str) -> None:
    if kind == "openssh" and sshd_program() is None:
        pytest.skip("OpenSSH's server is not installed")
    share = tmp_path / "share"
    make_share(share, 40)
    (tmp_path / "keys").mkdir()
    with ssh_server(share, tmp_path / "keys", kind) as server:
        assert server.kind == kind
        assert len(list_share(_place(server, share)).files) == 40
    assert server.process.poll() is not None
    with pytest.raises(StepError, match=r"the connection failed|SSH failed"):
        list_share(_place(server, share))


def test_paramikos_server_lets_nobody_out_of_the_share(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "keys").mkdir()
    (tmp_path / "secret.txt").write_text("x", "utf-8")
    with ssh_server(tmp_path / "share", tmp_path / "keys", "paramiko") as server:
        with pytest.raises(StepError, match="the server refused"):
            list_share(_place(server, tmp_path))
        with pytest.raises(StepError):
            run(_place(server, tmp_path / "share"), "id", seconds=5)


@pytest.mark.slow
def test_azure_blob_keeps_small_and_large_objects(tmp_path: Path) -> None:
    program, why = azurite_program(REPOSITORY)
    if program is None:
        pytest.skip(why)
    with azurite(tmp_path, program) as server:
        server.make_container("docs")
        place = BlobPlace(kind="azure-blob", endpoint=server.endpoint, container="docs", prefix="a/", key_env="AZURE_STORAGE_KEY")
        store = BlobStore(place, server.environment, 4)
        content = b"x" * 100
        stamp = store.put("a/caf\u00e9 %20.txt", content, hashlib.sha256(content).digest(), {"unless-token": "t"})
        big = [b"1" * 5_000_000, b"2" * 5_000_000]
        store.put_parts("a/big", iter(big), {})
        held = store.listing()
        assert held["a/caf\u00e9 %20.txt"] == (100, stamp)
        assert store.digest("a/big") == hashlib.sha256(b"".join(big)).hexdigest()
        assert b"".join(store.read("a/big")) == b"".join(big)
        store.delete(["a/big", "a/never there"])
        assert list(store.listing()) == ["a/caf\u00e9 %20.txt"]
        wrong = BlobStore(place.model_copy(update={"container": "none"}), server.environment, 4)
        with pytest.raises(StepError, match="Make the container first"):
            wrong.prepare()
