"""The exception register: every fault of shape at once; what an entry is worth is for controls."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from policies.errors import PoliciesError
from policies.register import parse_register, read_register

OURS = Path(__file__).parents[2] / "policies" / "exceptions.toml"
HEAD = 'format = "cloud-unless/exceptions/1"\n'


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(PoliciesError) as wrong:
        parse_register(text, "register.toml")
    return wrong.value.faults


def test_our_own_register_is_valid() -> None:
    read_register(OURS)


def test_the_example_in_our_register_is_a_whole_entry() -> None:
    lines = OURS.read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line == "# [[exception]]")
    stop = next(n for n in range(start, len(lines)) if not lines[n])
    text = HEAD + "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[start:stop])
    (entry,) = parse_register(text, "example").entries
    assert entry.exit_plan
    assert tomllib.loads(text)["exception"][0]["id"] == entry.id


def test_every_fault_is_told_at_once_with_its_entry_and_key() -> None:
    told = faults(
        HEAD
        + """
[[exception]]
id = "EX 1"
controls = []
subjects = ["a"]
expires_on = "soon"
aprover = "B"
[[exception]]
id = "EX-2"
"""
    )
    assert len(told) == 6
    assert "register.toml, entry 1, key id" in told[0]
    assert any("entry 1, key aprover: no field has this name" in t for t in told)
    assert any("entry 1, key expires_on" in t for t in told)
    assert any("entry 2, key controls: is missing" in t for t in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("exception = [", "not readable as TOML"),
        ("", "its format is 'not given'"),
        ('format = "cloud-unless/exceptions/2"', "exceptions/2"),
        (HEAD + 'exceptions = ["x"]', "key exceptions: no field has this name"),
        (HEAD + "[exception]\nid = 1", "key exception"),
        (HEAD + "".join('[[exception]]\nid = "A"\ncontrols = ["c"]\nsubjects = ["s"]\n' for _ in range(2)), "is used 2 times"),
        (HEAD + '[[exception]]\nid = "A"\ncontrols = ["c"]\nsubjects = ["s"]\nexpires_on = 2026-02-30', "TOML"),
    ],
)
def test_bad_registers_are_plain_faults(text: str, told: str) -> None:
    assert told in faults(text)[0]


def test_a_register_that_is_not_there_or_not_text_is_a_plain_fault(tmp_path: Path) -> None:
    with pytest.raises(PoliciesError, match="cannot be read"):
        read_register(tmp_path / "absent.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(PoliciesError, match="cannot be read"):
        read_register(tmp_path / "b.toml")


def test_entries_know_their_line() -> None:
    text = (
        HEAD
        + '\n[[exception]]\n  id = "B"\ncontrols = ["c"]\nsubjects = ["s"]\n[[exception]]\nid = "A"\ncontrols = ["c"]\nsubjects = ["s"]\n'
    )
    assert [(s.id, s.file, s.line) for s in parse_register(text, "r.toml").subjects] == [("A", "r.toml", 8), ("B", "r.toml", 4)]
