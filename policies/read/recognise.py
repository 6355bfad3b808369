"""Which kind of file this is, by what it holds; a file that cannot be judged is a plain fault."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from policies.errors import PoliciesError
from policies.model import Subject
from policies.read import arm
from policies.read.lines import parse_with_lines, placed
from policies.read.plan import subjects_of_plan
from policies.read.preview import subjects_of_preview
from policies.read.questionnaire import is_questionnaire, subjects_of_questionnaires
from policies.read.runbook import parse_yaml, subjects_of_journal, subjects_of_runbook
from policies.read.stack_export import interrupted, subjects_of_export

Reader = Callable[[dict[str, Any], str], tuple[Subject, ...]]
EXPORT: Final = "stack export"
_NAME_ONE: Final = (
    "Name a preview (pulumi preview --json), a stack export (pulumi stack export), a plan (unless plan), a runbook or a run's journal "
    "(unless runbook), a template of Azure Resource Manager, resources as az writes them, or a questionnaire as Konveyor does."
)
_LARGEST_BYTES: Final = 300_000_000
_COUNTED: Final = ("resource", "workload", "dataset", "interface", "runbook", "run", "questionnaire")
_RUNBOOK: Final = re.compile(r"^format: *['\"]?cloud-unless/runbook/", re.MULTILINE)
_QUESTIONS: Final = re.compile(r"^sections: *$", re.MULTILINE)
_JOURNAL: Final = re.compile(r'\{"number": ?0, ?"at": ?"[^"]*", ?"kind": ?"opened"')


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file held: its kind (`preview`, `stack export`, `plan`, `template`, …), its name and its subjects.

    `unread` says in sentences what belongs to it and is elsewhere.
    """

    kind: str
    name: str
    subjects: tuple[Subject, ...]
    unread: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line on what was read."""
        counted = ", ".join(f"{n} {what}{'' if n == 1 else 's'}" for what, n in self._counts() if n)
        return f"{self.name}: {self.kind}, {counted or 'nothing in it'}"

    def _counts(self) -> Iterable[tuple[str, int]]:
        for kind in _COUNTED:
            yield kind, sum(s.kind == kind for s in self.subjects)


def read_all(files: Iterable[tuple[Path, str]]) -> tuple[Reading, ...]:
    """Read every file (a path, and its name in findings). Raises PoliciesError with the faults of all of them."""
    read: list[Reading] = []
    faults: list[str] = []
    for file, name in files:
        try:
            read.append(read_file(file, name))
        except PoliciesError as wrong:
            faults.extend(wrong.faults)
    if faults:
        raise PoliciesError(*faults)
    return tuple(read)


def read_file(file: Path, name: str = "") -> Reading:
    """Read one file, whichever kind it is. Raises PoliciesError with every fault."""
    shown = name or file.as_posix()
    text = load(file, shown)
    kind, read = _recognise(text, shown)
    try:
        subjects, unread = read()
        return Reading(kind, shown, placed(subjects, shown, text, kind), unread)
    except RecursionError as wrong:
        raise PoliciesError(f"{shown}: is nested too deeply to be a {kind}. Name the right file.") from wrong
    except ValidationError as wrong:
        faults = [f"{shown}, {'.'.join(str(w) for w in e['loc'])}: {e['msg']}. Write the file again." for e in wrong.errors()[:20]]
        raise PoliciesError(*faults) from wrong


def load(file: Path, shown: str) -> str:
    """The file's text: UTF-8, or UTF-16 as PowerShell's `>` writes it. Raises PoliciesError when it cannot be read."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:  # a device has no size, and may have no end
            held = b"" if size > _LARGEST_BYTES else opened.read(_LARGEST_BYTES + 1)
    except MemoryError as wrong:
        raise PoliciesError(f"{shown}: is too large for the memory of this machine. Judge it on a larger one.") from wrong
    except OSError as wrong:
        raise PoliciesError(f"{shown}: cannot be read ({wrong.strerror or wrong}). Correct the path.") from wrong
    if max(size, len(held)) > _LARGEST_BYTES:
        raise PoliciesError(f"{shown}: is larger than 300 MB, which no preview is. Name the right file.")
    wide = held.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in held[:64] and not wide:
        raise PoliciesError(f"{shown}: is not in UTF-8. Save it as UTF-8 and name it again. {_NAME_ONE}")
    try:
        return held.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise PoliciesError(f"{shown}: is not text. {_NAME_ONE}") from wrong


def parse_json(text: str, shown: str) -> Any:
    """The JSON in `text`. Raises PoliciesError on anything else, a truncated one included."""
    if not text.strip():
        raise PoliciesError(f"{shown}: is empty. Write it again; the command that was to write it may have failed.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        raise PoliciesError(
            f"{shown}: is not whole JSON (line {wrong.lineno}, column {wrong.colno}: {wrong.msg}). "
            "It may be cut short: write it again, as in: pulumi preview --json > FILE."
        ) from wrong
    except MemoryError as wrong:
        raise PoliciesError(f"{shown}: is too large for the memory of this machine. Judge it on a larger one.") from wrong
    except RecursionError as wrong:
        raise PoliciesError(f"{shown}: is nested too deeply to be a preview. Name the right file.") from wrong
    except ValueError as wrong:
        raise PoliciesError(f"{shown}: holds a number that is too long to be one ({wrong}). Name the right file.") from wrong


_Read = Callable[[], tuple[tuple[Subject, ...], tuple[str, ...]]]


def _recognise(text: str, shown: str) -> tuple[str, _Read]:
    """The kind of file that the text is of, and how its subjects are read."""
    if _JOURNAL.match(text):
        records = _lines(text, shown)
        return "journal", lambda: (subjects_of_journal(records, shown), ())
    if not text.lstrip().startswith(("{", "[")) and _RUNBOOK.search(text):
        runbook = parse_yaml(text, shown)
        return "runbook", lambda: (subjects_of_runbook(runbook, shown), ())
    is_yaml = not text.lstrip().startswith(("{", "[")) and _QUESTIONS.search(text)
    held = parse_yaml(text, shown) if is_yaml else parse_json(text, shown)
    if is_questionnaire(held):
        return "questionnaire", lambda: (subjects_of_questionnaires(held if is_yaml else parse_with_lines(text), shown), ())
    if arm.is_template(held):
        return "template", lambda: arm.subjects_of_template(parse_with_lines(text), shown)
    if arm.exported(held) is not None:
        return "export of resources", lambda: (arm.subjects_of_export(arm.exported(parse_with_lines(text)) or [], shown), ())
    if not isinstance(held, dict):
        raise PoliciesError(f"{shown}: holds no JSON object. {_NAME_ONE}")
    document = cast("dict[str, Any]", held)
    kind, reader = _recognise_json(document, shown)
    return kind, lambda: (reader(document, shown), interrupted(document, shown) if kind == EXPORT else ())


def _lines(text: str, shown: str) -> list[object]:
    """The records of a journal, one a line. A last line without its end is one that a crash tore, and is no record."""
    whole = text.split("\n")[:-1]
    return [parse_json(line, f"{shown}, line {n}") for n, line in enumerate(whole, start=1)]


def _recognise_json(held: dict[str, Any], shown: str) -> tuple[str, Reader]:
    if str(held.get("format", "")).startswith("cloud-unless/plan/"):
        return "plan", subjects_of_plan
    if "deployment" in held or "checkpoint" in held:
        return EXPORT, subjects_of_export
    if "steps" in held or "changeSummary" in held:
        return "preview", subjects_of_preview
    raise PoliciesError(f"{shown}: holds nothing that is judged. {_NAME_ONE}")
