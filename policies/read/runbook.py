"""A compiled runbook (`runbooks/WAVE.yaml`) becomes a subject, and so does the journal of a run of one (`runs/RUN/journal.jsonl`).

A runbook's inputs are the file's own keys (docs/reference/files.md) and `is_as_compiled`: whether its content has the digest that it
states. A run's inputs are `run`, `wave_id`, `runbook` (the digest of what was run), `opened_on`, `closed_on` and `rolled_back_on` (days in
London as ISO text, None where it never came to that), `steps` (how many), `faults` (the steps that failed on the way) and `is_whole`:
whether every record has its digest and its place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field

from policies.errors import PoliciesError
from policies.model import UNKNOWN, Subject
from policies.waivers import london_day

FORMAT: Final = "cloud-unless/runbook/2"
_FIRST: Final = "0" * 64
_DEEPEST: Final = 50
_AGAIN: Final = "Compile it again: unless runbook compile WAVE."
# Keys that controls may read; one that a file lacks is unknown.
_KEYS: Final = ("wave_id", "title", "starts", "ends", "plan_digest", "workloads", "steps", "window")
_STEP_KEYS: Final = (
    "title",
    "phase",
    "role",
    "kind",
    "parameters",
    "do",
    "verify",
    "undo",
    "no_undo_because",
    "after",
    "minutes",
    "workload_id",
    "subject",
    "is_point_of_no_return",
    "accountable",
    "consulted",
    "informed",
    "precondition",
    "evidence",
    "tell",
    "undo_minutes",
)


class _Step(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(min_length=1)


class _Runbook(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(min_length=1)
    digest: str = ""
    steps: tuple[_Step, ...]


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    number: int
    at: str
    kind: str
    step: str = ""
    body: dict[str, Any] = Field(default_factory=dict[str, Any])
    previous: str
    digest: str


def parse_yaml(text: str, shown: str) -> dict[str, Any]:
    """The mapping in a file's YAML. Raises PoliciesError when it is none, is nested too deeply or repeats parts of itself by aliases."""
    try:
        _refuse_bombs(text, shown)
        held: object = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise PoliciesError(f"{shown}: is not readable as YAML: {' '.join(str(wrong).split())}. Mend the line.") from wrong
    if not isinstance(held, dict):
        raise PoliciesError(f"{shown}: holds no YAML mapping. Name a compiled runbook or a questionnaire.")
    return cast("dict[str, Any]", held)


def _refuse_bombs(text: str, shown: str) -> None:
    """What would make libyaml's loader overflow or a few lines of YAML fill the memory; no file that is judged has either."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise PoliciesError(f"{shown}: repeats parts of itself (a YAML alias), which no file that is judged does. Write it again.")
        if depth > _DEEPEST:
            raise PoliciesError(f"{shown}: is nested too deeply to be judged. Name the right file.")


def subjects_of_runbook(held: dict[str, Any], name: str) -> tuple[Subject, ...]:
    """The runbook. Raises PoliciesError when it is of another format; pydantic's ValidationError on a wrong shape."""
    if held.get("format") != FORMAT:
        raise PoliciesError(f"{name}: is a runbook of format {held.get('format')!r}; {FORMAT} is read. {_AGAIN}")
    read = _Runbook.model_validate(held)
    content = {k: v for k, v in held.items() if k not in ("format", "digest")}
    steps = [dict.fromkeys(_STEP_KEYS, UNKNOWN) | cast("dict[str, Any]", _plain(s.model_dump())) for s in read.steps]
    inputs = dict.fromkeys(_KEYS, UNKNOWN) | cast("dict[str, Any]", _plain(content)) | {"steps": steps, "digest": read.digest}
    inputs["is_as_compiled"] = read.digest == _digest(content)
    return (Subject("runbook", "runbook", read.id, read.id, inputs, file=name),)


def _digest(content: Mapping[str, Any]) -> str:
    """As the compiler states it: SHA-256 of the content as JSON with sorted keys and no spaces."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _plain(value: object) -> Any:
    """As JSON would hold it: YAML reads bare dates as dates."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(v) for v in cast("Sequence[Any]", value)]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def subjects_of_journal(held: Sequence[object], name: str) -> tuple[Subject, ...]:
    """The run that a journal is of. Raises pydantic's ValidationError on a wrong shape."""
    records = [_Record.model_validate(r) for r in held]
    opened = records[0]
    run = str(opened.body.get("run") or "")
    if not run:
        raise PoliciesError(f"{name}: is a journal that does not say which run it is of. Restore runs/RUN from its backup.")
    inputs: dict[str, Any] = {
        "run": run,
        "wave_id": opened.body.get("wave", UNKNOWN),
        "runbook": opened.body.get("runbook", UNKNOWN),
        "steps": opened.body.get("steps", UNKNOWN),
        "opened_on": _day(opened.at),
        "closed_on": _last_day(records, "closed"),
        "rolled_back_on": _last_day(records, "undo-closed"),
        "faults": sorted({r.step for r in records if r.kind in ("fault", "undo-fault")}),
        "is_whole": _is_whole(records),
    }
    return (Subject("run", "run", run, run, inputs, file=name),)


def _day(at: str) -> Any:
    try:
        return london_day(datetime.fromisoformat(at)).isoformat()
    except ValueError:
        return UNKNOWN


def _last_day(records: Sequence[_Record], kind: str) -> Any:
    return next((_day(r.at) for r in reversed(records) if r.kind == kind), None)


def _is_whole(records: Sequence[_Record]) -> bool:
    """Whether every record has its digest, its number and the digest of the one before."""
    previous = _FIRST
    for number, r in enumerate(records):
        content = json.dumps([r.number, r.at, r.kind, r.step, r.body, r.previous], sort_keys=True, separators=(",", ":"))
        if r.number != number or r.previous != previous or r.digest != hashlib.sha256(content.encode("utf-8")).hexdigest():
            return False
        previous = r.digest
    return True
