"""`unless questionnaire`: what no inventory can know is asked of people, in files that are reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import counted, fail, say, show_json, table
from console.questions import Questions, open_questions
from console.workspace import open_workspace

if TYPE_CHECKING:
    from migration.questionnaires.answers import Sheet
    from migration.questionnaires.asked import Reply
    from migration.questionnaires.model import Questionnaire, Risk

DEFAULT: Final = "council"
_LISTED: Final = ("id", "name", "questions", "knock_outs", "workloads_asked")
_QUESTIONS: Final = ("id", "section", "weight", "question", "answers")
_SHEETS: Final = ("workload", "questionnaire", "answered", "asked", "score", "risk")
_REPLIES: Final = ("question", "answer", "risk", "answered_by")

WorkloadArgument = Annotated[str, typer.Argument(metavar="WORKLOAD", help="A workload of the estate, by id.")]
WhichOption = Annotated[str, typer.Option("--questionnaire", metavar="NAME", help="Which questionnaire to ask.")]


def register(app: typer.Typer) -> None:
    """Add `questionnaire list`, `ask`, `show` and `check`."""
    group = typer.Typer(no_args_is_help=True, help="Ask people what no inventory can know, and read what they answered.")
    group.command("list")(list_)
    group.command("ask")(ask)
    group.command("show")(show)
    group.command("check")(check)
    app.add_typer(group, name="questionnaire")


def list_(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A questionnaire, for its questions.", show_default=False)] = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """List the questionnaires there are; with the name of one, its questions with their ids and answers.

    Exit code 1 when one of them is wrong, or there is none of that name.
    """
    held = open_questions(open_workspace(workspace))
    if name:
        asked = _named(held, name)
        table(_question_rows(asked), _QUESTIONS, as_json=as_json, title=asked.name)
        if asked.source and not as_json:
            say(f"Source: {asked.source}")
        return
    table([_listed(held, q) for q in held.known.values()], _LISTED, as_json=as_json)


def ask(workload: WorkloadArgument, which: WhichOption = DEFAULT, workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Write the answer file of a workload, to be filled in by people; what the inventory knows is answered there already.

    Nothing that is there is overwritten. Exit code 1 when the file is there, or there is no such workload or questionnaire.
    """
    from inventory.whole import write_whole
    from migration.questionnaires.answers import Sheet, file_name
    from migration.questionnaires.write import draft

    place = open_workspace(workspace)
    held = open_questions(place)
    _must_exist(held, workload)
    asked = _named(held, which)
    file = place.questionnaires / "answers" / file_name(workload, which)
    if file.exists():
        fail([f"{file} is there already. Edit it; what it says: unless questionnaire show {workload}"])
    replies = held.replies(Sheet(workload, asked, {}))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, draft(asked, workload, replies))
    except OSError as wrong:
        fail([f"{file} cannot be written: {wrong.strerror or wrong}. Correct its permissions, or [assess] questionnaires."])
    known = sum(r.choice is not None for r in replies)
    say(f"Written to {file}: {counted(len(replies), 'question')}, {known} of them answered by the inventory.")
    say("Fill it in, commit it, and then: unless questionnaire check")


def show(workload: WorkloadArgument, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """Say what is answered of a workload, by whom and on which evidence, and what it comes to.

    With --json the answered questionnaire in the form of Konveyor's API, which `unless check` reads; a list where several were asked.
    Exit code 1 when nothing was asked, or its answers have faults.
    """
    from migration.questionnaires.write import answered

    held = open_questions(open_workspace(workspace))
    _must_exist(held, workload)
    sheets = held.sheets.by_workload.get(workload, ())
    if not sheets:
        fail([f"Nothing was asked of {workload}. Run: unless questionnaire ask {workload}", *_of(held, workload)])
    if as_json:
        made = [answered(s.questionnaire, held.workload(s).name, held.replies(s)) for s in sheets]
        show_json(made[0] if len(made) == 1 else made)
    else:
        for sheet in sheets:
            _draw(held, sheet)
    if faults := _of(held, workload):
        fail(faults)


def check(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """Read every answer file, and say all that is wrong in any of them.

    What is wrong counts as not answered. Where a person and the inventory differ the person counts, until one is mended. Exit code 1 when
    anything is wrong.
    """
    held = open_questions(open_workspace(workspace))
    rows = [_sheet_row(held, s) for _, sheets in sorted(held.sheets.by_workload.items()) for s in sheets]
    table(rows, _SHEETS, as_json=as_json, title=f"{counted(len(rows), 'answer file')}")
    if faults := held.faults():
        fail(faults)


def _draw(held: Questions, sheet: Sheet) -> None:
    row, replies = _sheet_row(held, sheet), held.replies(sheet)
    title = f"{sheet.workload_id}: {sheet.questionnaire.name}"
    table([_reply_row(r) for r in replies], _REPLIES, as_json=False, title=title)
    score = "no score" if row["score"] is None else f"{row['score']} of 100"
    message = sheet.questionnaire.message(_risk(held, sheet)[1])
    say(f"{row['risk']}, {score}; {row['answered']} of {row['asked']} answered." + (f" {message}." if message else ""))


def _reply_row(reply: Reply) -> Mapping[str, object]:
    who = reply.evidence[0].removeprefix(f"{reply.question.id}: answered by ") if reply.evidence else ""
    return {
        "question": reply.question.id,
        "answer": reply.choice.text if reply.choice else None,
        "risk": f"{reply.risk.value}, knock-out" if reply.choice and reply.choice.knock_out else reply.risk,
        "answered_by": who,
    }


def _sheet_row(held: Questions, sheet: Sheet) -> Mapping[str, object]:
    replies, (score, risk) = held.replies(sheet), _risk(held, sheet)
    return {
        "workload": sheet.workload_id,
        "questionnaire": sheet.questionnaire.id,
        "answered": sum(r.choice is not None for r in replies),
        "asked": len(replies),
        "score": score,
        "risk": risk,
        "file": sheet.file,
    }


def _risk(held: Questions, sheet: Sheet) -> tuple[int | None, Risk]:
    from migration.questionnaires.risk import result

    came = result(held.replies(sheet), sheet.questionnaire.thresholds)
    return came.score, came.risk


def _listed(held: Questions, q: Questionnaire) -> Mapping[str, object]:
    questions = list(q.questions())
    asked = sum(s.questionnaire.id == q.id for sheets in held.sheets.by_workload.values() for s in sheets)
    return {
        "id": q.id,
        "name": q.name,
        "questions": len(questions),
        "knock_outs": sum(x.can_knock_out for x in questions),
        "workloads_asked": asked,
        "description": q.description,
        "source": q.source,
    }


def _question_rows(asked: Questionnaire) -> Iterator[Mapping[str, object]]:
    for section in asked.sections:
        for q in section.questions:
            answers = "; ".join(f"{c.text} ({c.risk.value}{', knock-out' if c.knock_out else ''})" for c in q.choices)
            yield {"id": q.id, "section": section.name, "weight": q.weight, "question": q.text, "answers": answers, "evidence": q.evidence}


def _of(held: Questions, workload: str) -> list[str]:
    """The faults of a workload's own answer files."""
    return [str(f) for f in held.faults() if Path(f.file).name.rpartition(".")[0].rpartition(".")[0] == workload]


def _named(held: Questions, name: str) -> Questionnaire:
    if name not in held.known:
        fail([f"There is no questionnaire {name}; there are {', '.join(sorted(held.known))}."])
    return held.known[name]


def _must_exist(held: Questions, workload: str) -> None:
    if workload not in held.estate.workload_by_id:
        fail([f"No workload of the estate has the id {workload}. All ids: unless inventory list --kind workloads"])
