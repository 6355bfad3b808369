"""The documents are true: links lead somewhere, commands exist, nothing names one machine or a registry's host."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from console.reference import PAGE, commands, page

ROOT = Path(__file__).parents[2]
PAGES = sorted(p for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("stacks/**/*.md"), *ROOT.glob("inventory/**/*.md")))
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", PAGES, ids=_name)
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    dead = [target for target in _links(document) if not _leads_somewhere(document, target)]
    assert not dead


def _links(document: Path) -> Iterator[str]:
    for link, picture in LINK.findall(document.read_text("utf-8")):
        target = str(link or picture)
        if not target.startswith(("http://", "https://", "mailto:")):
            yield target


def _leads_somewhere(document: Path, target: str) -> bool:
    file, _, heading = unquote(target).partition("#")
    held = (document.parent / file).resolve() if file else document
    if not held.exists():
        return False
    return not heading or heading in {_anchor(line) for line in held.read_text("utf-8").splitlines() if line.startswith("#")}


def _anchor(line: str) -> str:
    words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
    return words.replace(" ", "-")


def test_the_page_of_commands_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m console.reference"


def test_every_command_and_option_says_what_it_is_for() -> None:
    silent = [path for path, command in commands() if not (command.help or "").strip()]
    silent += [
        f"{path} {p.opts}" for path, command in commands() for p in command.params if p.name != "help" and not getattr(p, "help", "")
    ]
    assert not silent


@pytest.mark.parametrize("document", PAGES, ids=_name)
def test_every_command_that_a_page_names_exists(document: Path) -> None:
    known = {path for path, _ in commands()}
    named = {line.strip() for line in re.findall(r"(?m)^\s*(?:\$ )?(unless [a-z-]+(?: [a-z-]+)?)", document.read_text("utf-8"))}
    unknown = [n for n in named if n not in known and " ".join(n.split()[:2]) not in known]
    assert not unknown


def test_decisions_are_numbered_without_gaps_and_have_their_parts() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(r.name[:4]) for r in records] == list(range(1, len(records) + 1))
    assert len(records) >= 5
    for record in records:
        text = record.read_text("utf-8")
        assert text.startswith(f"# {record.name[:4]}. ")
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences")), record.name


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "python3 run.py demo" in text
    assert "python3 run.py test" in text


# Written in pieces, so that this file does not itself name what it forbids.
HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "crates" + ".io",
    "proxy.go" + "lang.org",
    "deb.deb" + "ian.org",
)
MACHINE = re.compile(r"(?<![\w.-])/(wo" + r"rk|ro" + r"ot)/[a-z]")


def test_no_file_names_a_registry_host_or_a_path_of_one_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")
    if not any(listed):
        pytest.skip("not a git checkout: there is no list of files to look through")
    guilty: list[str] = []
    for name in filter(None, listed):
        file = ROOT / name
        if not file.is_file() or file.suffix in {".png", ".xlsx", ".xls"}:
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        if any(host in text for host in HOSTS) or MACHINE.search(text):
            guilty.append(name)
    assert not guilty
