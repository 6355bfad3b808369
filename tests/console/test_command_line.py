"""The command line as a tired person meets it: odd terminals, pipes that close, Ctrl-C, options on either side."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals as POSIX has them")


@pytest.mark.parametrize(
    "words",
    [
        ("assess", "list", "-w", ".unless", "--json"),
        ("assess", "-w", ".unless", "--json", "list"),
        ("assess", "-w", ".unless", "show", "app-01", "--json"),
        ("plan", "-w", ".unless", "--json", "show", "app-01"),
        ("inventory", "--json", "-w", ".unless", "list"),
    ],
)
def test_the_workspace_and_json_may_stand_on_either_side_of_a_sub_command(words: tuple[str, ...], council: Path, unless: Run) -> None:
    del council
    done = unless(*words, UNLESS_WORKSPACE="elsewhere")
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)


@pytest.mark.parametrize("words", [("assess",), ("assess", "show", "app-01")])
def test_a_terminal_that_knows_only_ascii_reads_words_for_signs(words: tuple[str, ...], council: Path, unless: Run) -> None:
    del council
    done = unless(*words, PYTHONIOENCODING="ascii", COLUMNS="60", NO_COLOR="1")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.isascii()
    assert b"GBP " in done.stdout


def test_json_stays_whole_where_the_encoding_is_ascii(council: Path, unless: Run) -> None:
    (council.parent / "more.csv").write_text("Server name,Cores,Description\ncaf-01,2,Café £ …\n", encoding="utf-8")
    assert unless("import", "more.csv").returncode == 0
    done = unless("inventory", "list", "--json", PYTHONIOENCODING="ascii")
    assert "Café £ …" in [row["description"] for row in json.loads(done.stdout)]


@posix
@pytest.mark.parametrize("words", [("doctor",), ("doctor", "--json")])
def test_a_reader_that_goes_away_is_no_error_of_ours(words: tuple[str, ...], tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "console", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=120)
    os.close(writer)
    assert done.returncode == 141
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_full_is_said_in_one_sentence(council: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "console", "inventory", "list", "-w", str(council)]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False, timeout=120)
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


# A shell gives its background jobs a SIGINT that is ignored, and CI may be one.
_INTERRUPTIBLE = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); print(flush=True); from console.cli import main; main()"
)


@posix
@pytest.mark.parametrize("after", [0.15, 0.4, 0.8])
def test_ctrl_c_ends_calmly_and_leaves_the_files_as_they_were(after: float, council: Path) -> None:
    before = {f.name: f.read_bytes() for f in council.iterdir()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _INTERRUPTIBLE, "rehearse", "landing-zone"]
    running: Any = subprocess.Popen(command, cwd=council.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.read(1)
    time.sleep(after)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    # before `main` is reached the interpreter itself is interrupted; from there on it is ours to answer
    assert running.returncode in (130, -signal.SIGINT)
    if running.returncode == 130:
        assert b"Traceback" not in told
    assert {f.name: f.read_bytes() for f in council.iterdir() if f.is_file() and f.name in before} == before


_LOST_IN_AN_IMPORT = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)

class Importing:
    def find_spec(self, name, path=None, target=None):
        if name == "console.application":
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(5)
            except KeyboardInterrupt:
                raise SyntaxError("can't load unicodedata module") from None

sys.meta_path.insert(0, Importing())
from console.cli import main
main()
"""


@posix
def test_ctrl_c_that_the_import_system_makes_another_error_of_is_still_ctrl_c() -> None:
    command = [sys.executable, "-c", _LOST_IN_AN_IMPORT, "doctor"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_the_version_is_told(unless: Run) -> None:
    assert unless("--version").stdout.startswith(b"cloud-unless ")
