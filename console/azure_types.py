"""Azure's type files for the commands that judge by them: where they are, and what a rehearsal says of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.exits import Exit
from console.output import err, note
from console.public_data import cached_library
from console.workspace import Workspace

if TYPE_CHECKING:
    from policies.azure_policy.built_ins import BuiltIns
    from policies.model import Judgement
    from policies.schema.type_files import TypeFiles

_VARIABLE = "UNLESS_LIBRARY"


def type_files(given: Path | None, held: Workspace | None) -> TypeFiles | None:
    """The type files that were named, else those in the cache, or None when it has none.

    Raises PoliciesError when files that were named are not there, or what is there cannot be used.
    """
    from policies.schema.type_files import find_type_files, open_type_files

    told = os.environ.get(_VARIABLE)
    named = given or (Path(told) if told else None) or (held.library if held else None)
    return find_type_files(cached_library()) if named is None else open_type_files(named)


def built_ins(given: Path | None, held: Workspace | None) -> BuiltIns | None:
    """Azure's own policy definitions where the type files are looked for, or None when there are none.

    Raises PoliciesError when one cannot be read.
    """
    from policies.azure_policy.built_ins import find_built_ins

    told = os.environ.get(_VARIABLE)
    named = given or (Path(told) if told else None) or (held.library if held else None)
    return find_built_ins(named or cached_library())


def no_built_ins() -> str:
    """The sentence when there are none."""
    return (
        "Azure's policy definitions are not at hand: what assignments would refuse is not judged. Run: unless library sync azure-policy, "
        "or name their folder with --library (docs/concepts/azure-policy.md)."
    )


def absent() -> str:
    """The sentence when there are none."""
    return (
        "Azure's types are not at hand: inputs are not judged by them. Run: unless library sync bicep-types, or name their folder with "
        "--library (docs/guides/types.md)."
    )


def told_of_rehearsal(preview: dict[str, Any], files: TypeFiles | None) -> Exit:
    """Say on stderr which inputs of a rehearsed preview do not fit Azure's types, or that they were not judged; the exit code."""
    from policies.model import Verdict
    from policies.read.preview import subjects_of_preview
    from policies.schema.judge import judge_types, summary

    if files is None:
        note(absent())
        return Exit.FINE
    judged = judge_types(subjects_of_preview(preview, "preview"), files, is_all=True)
    wrong = [j for j in judged if j.answer.verdict is Verdict.FAIL]
    for j in wrong:
        err().print(_line(j), markup=False)
    doubtful = len({j.subject.id for j in judged if j.answer.verdict is Verdict.UNKNOWN})
    more = f" Of {doubtful} not everything could be told: unless check says what." if doubtful else ""
    note(f"{summary(judged, files)}; {len(wrong)} {'input does' if len(wrong) == 1 else 'inputs do'} not fit.{more}")
    return Exit.FOUND if wrong else Exit.FINE


def _line(judgement: Judgement) -> str:
    subject = judgement.subject
    place = f" {subject.file}:{subject.line}" if subject.line else ""
    text = f"{judgement.control.id}: {subject.name} ({subject.type}){place}: {judgement.answer.reason}"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
