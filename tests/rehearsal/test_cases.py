"""Every case is a small real Pulumi program and the runs that it goes through, one state after another.

`runs.json` is a list; of each run, what is named must hold: `summary`, `ops` (operation and name, the stack and default
providers aside), `detailed`, `outputs`, `new` (parts of the states after), `names` (what is left), `faults` and `diagnostics`
(patterns), `never` (texts that stand in no file), `most` (the brake), `in_cloud` (names that the pretend cloud holds after).
A run may `do` refresh or destroy in the program's place, and before it somebody may `meddle`: a line of azure.jsonl by name.
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest

from rehearsal import Preview, ProgramError, RehearsalError, cloud, destroy, refresh, rehearse

CASES = sorted((Path(__file__).parents[1] / "cases").glob("rehearsal-*"))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name.removeprefix("rehearsal-"))
def test_a_program_goes_through_its_runs(case: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(case, project)
    for number, run in enumerate(json.loads((case / "runs.json").read_text("utf-8"))):
        _check(run, project, tmp_path / "state", f"{case.name}, run {number + 1}")


def _check(run: dict[str, Any], project: Path, states: Path, told: str) -> None:
    for name, text in run.get("write", {}).items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    state = states / f"{run.get('stack', 'dev')}.json"
    _meddle(run, states)
    before = _written(state)
    try:
        preview = _done(run, project, state)
    except RehearsalError as wrong:
        _check_faults(run, wrong, told)
        assert _written(state) == before, told
        return
    assert "faults" not in run, f"{told}: no fault was found"
    _check_preview(run, preview, told)
    if run.get("preview"):
        assert _written(state) == before, told
    else:
        _check_state(run, state, told)
        _check_cloud(run, states, told)
    (states / "preview.json").write_text(json.dumps(preview.to_json()), "utf-8")
    for text in run.get("never", ()):
        assert not [f for f in states.iterdir() if text in f.read_text("utf-8")], f"{told}: {text} was written"


def _done(run: dict[str, Any], project: Path, state: Path) -> Preview:
    preview = run.get("preview", False)
    match run.get("do"):
        case "refresh":
            return refresh(project, state, preview_only=preview)
        case "destroy":
            return destroy(project, state, preview_only=preview, most=run.get("most"))
        case _:
            return rehearse(project, state.stem, state, config=run.get("config"), preview_only=preview, most=run.get("most"))


def _written(state: Path) -> tuple[bytes | None, ...]:
    """The state and the cloud, to see that neither changes."""
    return tuple(f.read_bytes() if f.exists() else None for f in (state, cloud.file_of(state)))


def _names(states: Path) -> dict[str, str]:
    """Ids of everything that any state or any run before has held, to names."""
    known = states / "names.txt"
    found = dict(line.split("\t") for line in known.read_text("utf-8").splitlines()) if known.is_file() else {}
    for file in states.glob("*.json"):
        for r in json.loads(file.read_text("utf-8")).get("deployment", {}).get("resources", ()):
            found[r.get("id", "").lower()] = r["urn"].split("::", 3)[3]
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_text("".join(f"{k}\t{v}\n" for k, v in found.items() if k), "utf-8")
    return found


def _meddle(run: dict[str, Any], states: Path) -> None:
    """Change the pretend cloud as a person would: with an editor."""
    ids = {name: identity for identity, name in _names(states).items()}
    for name, line in run.get("meddle", {}).items():
        with (states / "azure.jsonl").open("a", encoding="utf-8") as written:
            written.write(json.dumps({"id": ids.get(name, name), **line}) + "\n")


def _check_cloud(run: dict[str, Any], states: Path, told: str) -> None:
    if "in_cloud" in run:
        names, held = _names(states), cloud.load(states / "azure.jsonl").held
        assert sorted(names.get(i, i) for i in held) == sorted(run["in_cloud"]), told


def _check_faults(run: dict[str, Any], wrong: RehearsalError, told: str) -> None:
    for pattern in run.get("faults", ()):
        assert any(re.search(pattern, f) for f in wrong.faults), f"{told}: {wrong.faults}"
    assert len(wrong.faults) == len(run.get("faults", ())), f"{told}: {wrong.faults}"
    assert not any("Traceback" in f for f in wrong.faults), told
    if isinstance(wrong, ProgramError):
        everything = json.dumps(wrong.preview.to_json())
        assert not [t for t in run.get("never", ()) if t in everything], told
        assert not run.get("no_traceback") or "Traceback" not in everything, told


def _check_preview(run: dict[str, Any], preview: Preview, told: str) -> None:
    shown = [s for s in preview.steps if not re.search(r"::(pulumi:pulumi:Stack|pulumi:providers:[\w-]+)::(case-|default)", s.urn)]
    ops = [f"{s.op} {s.urn.split('::', 3)[3]}" for s in shown]
    if "ops" in run:
        assert (sorted(ops) if run.get("sorted") else ops) == (sorted(run["ops"]) if run.get("sorted") else run["ops"]), told
    if "summary" in run:
        assert preview.summary == run["summary"], told
    for name, kinds in run.get("detailed", {}).items():
        step = next(s for s in shown if s.urn.endswith(f"::{name}") and s.detailed_diff)
        assert step.detailed_diff == kinds, f"{told}: {name}"
    for key, value in run.get("outputs", {}).items():
        _matches(value, (preview.outputs or {}).get(key), f"{told}: output {key}")
    for pattern in run.get("diagnostics", ()):
        assert any(re.search(pattern, d.message) for d in preview.diagnostics), f"{told}: {preview.diagnostics}"
    new = {s.urn.split("::", 3)[3]: s.new for s in shown if s.new}
    for name, fields in run.get("new", {}).items():
        _matches(fields, new[name], f"{told}: {name}")
    for name, provider in run.get("provider", {}).items():
        assert (new[name] or {})["provider"].startswith(provider), f"{told}: {name}"


def _check_state(run: dict[str, Any], state: Path, told: str) -> None:
    held = json.loads(state.read_text("utf-8"))["deployment"]["resources"]
    names = [r["urn"].split("::", 3)[3] for r in held if r["custom"] and not r["type"].startswith("pulumi:")]
    if "names" in run:
        assert sorted(names) == sorted(run["names"]), told


def _matches(wanted: Any, found: Any, told: str) -> None:
    """What is named of an object must be in it, at any depth."""
    if wanted == "__uuid__":
        assert str(uuid.UUID(found)) == found, told
    elif isinstance(wanted, dict):
        for key, value in wanted.items():  # pyright: ignore[reportUnknownVariableType]
            assert key in found, f"{told}: {key} is not in {found}"
            _matches(value, found[key], f"{told}, {key}")
    else:
        assert found == wanted, told
