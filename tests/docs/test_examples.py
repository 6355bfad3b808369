"""The README's examples are what the commands print: run on the reference estate, in a folder of their own."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inventory.reference import folder

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
Examples = list[tuple[list[str], list[str]]]


def _examples(page: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each command that stands behind a `$`, and the lines that are printed below it."""
    for block in re.findall(r"```\n(\$ unless.*?)```", page, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *printed = part.splitlines()
            if command.startswith("unless "):
                yield shlex.split(command, comments=True)[1:], printed


EXAMPLES: Examples = list(_examples(README))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _pieces(lines: list[str]) -> Iterator[str]:
    """What must be printed: each line, taken apart where … stands."""
    for line in lines:
        yield from filter(None, (_plain(piece) for piece in line.split("…")))


@pytest.fixture(scope="module")
def unless(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs a command in a new workspace that holds the reference estate, and returns what it prints."""
    place = tmp_path_factory.mktemp("examples")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "console", *arguments], cwd=place, capture_output=True, encoding="utf-8", check=False, timeout=300
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    run("init")
    shutil.copy(folder() / "unless.toml", place / ".unless")
    shutil.copy(folder() / "exceptions.toml", place)
    run("import", str(folder()))
    run("assess")
    run("plan")
    shutil.rmtree(place / "stacks")  # so that the README's own plan writes the requests anew
    return run


def test_there_is_an_example_for_each_kind_of_user() -> None:
    assert {command[0] for command, _ in EXAMPLES} == {"rehearse", "runbook", "assess", "plan", "check"}


def test_every_command_prints_what_the_readme_shows(unless: Callable[..., str]) -> None:
    wrong: list[str] = []
    for command, lines in EXAMPLES:
        printed = _plain(unless(*command))
        wrong += [f"unless {' '.join(command)}: {piece}" for piece in _pieces(lines) if piece not in printed]
    assert not wrong
