from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.errors import InventoryError
from inventory.importing import import_files
from inventory.store import open_store

pytestmark = pytest.mark.xdist_group("postgresql")
TODAY = date(2026, 11, 22)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL server on this machine; on Debian: apt-get install postgresql")
    pytest.importorskip("psycopg", reason='the package psycopg is missing: pip install "cloud-unless[postgresql]"')
    return found[-1].parent


def _as_ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    pytest.skip("this is root, and there is no ordinary user to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if sys.platform == "win32":
        pytest.skip("the test starts PostgreSQL as Debian installs it")
    binaries, who = _binaries(), _as_ordinary_user()
    folder = Path("/tmp") / f"unless-pg-{os.getpid()}-{_free_port()}"  # noqa: S108 - sockets need a short path that others may enter
    folder.mkdir(mode=0o755)
    if who:
        os.chown(folder, who["user"], who["group"])
    data, port = folder / "data", _free_port()
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "unless", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        capture_output=True, text=True, check=False, cwd="/", **who,
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be set up here: {made.stderr.strip()[-300:]}")
    process = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", str(folder), "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **who,
    )  # fmt: skip
    try:
        _await(port, process)
        yield f"postgresql://unless@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _await(port: int, process: subprocess.Popen[Any]) -> None:
    import psycopg

    for _ in range(300):
        assert process.poll() is None, "PostgreSQL stopped"
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=unless dbname=postgres", connect_timeout=1).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("PostgreSQL did not start within 30 seconds")


def test_the_estate_lives_in_postgresql_as_it_does_in_sqlite(server: str, tmp_path: Path) -> None:
    (tmp_path / "servers.csv").write_text("Server name,Cores,Memory (GB)\nweb01,2,4\nwéb02,x,4\n", encoding="utf-8")
    (tmp_path / "calendar.csv").write_text("Freeze,Starts,Ends\nBilling,2027-02-24,2027-03-31\n", encoding="utf-8")
    paths = [tmp_path / "servers.csv", tmp_path / "calendar.csv"]
    with open_store(server) as shared, open_store(f"sqlite:///{(tmp_path / 'e.sqlite').as_posix()}") as own:
        results = [import_files(s, paths, TODAY) for s in (shared, own)]
        assert results[0] == results[1]
        assert shared.load() == own.load()
        assert shared.faults() == own.faults()
        assert import_files(shared, paths, TODAY).files[0].is_unchanged
        shared.forget("servers.csv")
        assert shared.load().servers == ()
    with open_store(server) as again:
        assert [f.id for f in again.load().freezes] == ["billing"]


def test_a_database_that_does_not_exist_is_a_plain_sentence(server: str) -> None:
    with pytest.raises(InventoryError) as wrong:
        open_store(server.replace("/postgres", "/nothing"))
    assert 'database "nothing" does not exist' in str(wrong.value)
    assert "Check its address, its name and your password." in str(wrong.value)
