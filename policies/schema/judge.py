"""Resources against Azure's types become judgements: one for each misfit, and one for what could not be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies.answers import cannot_tell, fails, passes
from policies.model import Judgement, Subject
from policies.report.lines import without_places
from policies.schema.azure_native import is_azure_native, kind_of
from policies.schema.controls import FIT, WHOLE
from policies.schema.misfits import Fit
from policies.schema.references import Ids, ids_of, nothing_there
from policies.schema.shapes import Shapes
from policies.schema.type_files import TypeFiles
from policies.schema.values import Fitting

_NAMED_TYPES = 5
_NAMED_PATHS = 4


@dataclass(frozen=True, slots=True)
class Told:
    """How one resource fits, or in `untold` why that cannot be told."""

    subject: Subject
    fit: Fit
    untold: str = ""


def judge_types(subjects: Iterable[Subject], files: TypeFiles, *, is_all: bool = False) -> tuple[Judgement, ...]:
    """The judgements of every azure-native resource, sorted by control, resource and place.

    `is_all` says that these resources are all there are, as in a rehearsal. Raises PoliciesError when a type file cannot be read.
    """
    told = fits(subjects, files, is_all=is_all)
    found = [j for t in told for j in _judgements(t)]
    return tuple(sorted(found, key=lambda j: (j.control.id, j.subject.id, j.answer.path)))


def fits(subjects: Iterable[Subject], files: TypeFiles, *, is_all: bool = False) -> list[Told]:
    """How each azure-native resource fits. Raises PoliciesError when a type file cannot be read."""
    held = list(subjects)
    ids, shapes = ids_of(held, is_all=is_all), Shapes()
    return [_told(s, files, shapes, ids) for s in held if s.kind == "resource" and is_azure_native(s.type)]


def summary(judgements: Sequence[Judgement], files: TypeFiles) -> str:
    """One line on what was judged by the types: how many resources, and of which types nothing could be told."""
    untold = [j for j in judgements if j.control is WHOLE and not j.answer.path]
    lacking = sorted({j.subject.type for j in untold})
    judged = len({j.subject.id for j in judgements}) - len({j.subject.id for j in untold})
    more = f" and {len(lacking) - _NAMED_TYPES} more" if len(lacking) > _NAMED_TYPES else ""
    rest = f"; {len(untold)} could not be, since nothing is known of {', '.join(lacking[:_NAMED_TYPES])}{more}" if untold else ""
    return f"Azure's types ({files.folder.name}): {judged} {'resource' if judged == 1 else 'resources'} judged{rest}"


def _told(subject: Subject, files: TypeFiles, shapes: Shapes, ids: Ids) -> Told:
    nothing = tuple(nothing_there(subject, ids))
    kind = kind_of(subject.type)
    untold = ""
    if subject.api_version:
        untold = f"{subject.type} is asked for at API version {subject.api_version}, and only the package's own version is measured"
    elif kind is None:
        untold = f"it is not known which of Azure's types {subject.type} is"
    else:
        arm_type = kind.type_for(subject.inputs)
        found = files.body(arm_type, kind.version)
        if found is not None:
            types, body = found
            fit = Fitting(types, shapes).resource(body, kind, subject.inputs)
            return Told(subject, Fit((*fit.found, *nothing), fit.unknown))
        untold = f"no type file has {arm_type}@{kind.version}"
    return Told(subject, Fit(nothing, ()), untold)


def _judgements(told: Told) -> Iterator[Judgement]:
    wrong = [f for f in told.fit.found if f.is_certain]
    for f in wrong:
        yield Judgement(FIT, told.subject, fails(f"{f.what} {f.remedy}", f.path), about=without_places(f.path))
    doubts = [f for f in told.fit.found if not f.is_certain]
    for f in doubts:
        yield Judgement(WHOLE, told.subject, cannot_tell(f"Could not tell: {f.what} {f.remedy}", f.path), about=without_places(f.path))
    if told.untold:
        yield Judgement(WHOLE, told.subject, cannot_tell(f"Could not tell: {told.untold}."))
    elif told.fit.unknown:
        yield Judgement(WHOLE, told.subject, cannot_tell(_unknown(told.fit.unknown), told.fit.unknown[0]))
    elif not wrong and not doubts:
        yield Judgement(FIT, told.subject, passes(f"Every input of {told.subject.name} fits."))


def _unknown(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _NAMED_PATHS} more" if len(paths) > _NAMED_PATHS else ""
    are = "is" if len(paths) == 1 else "are"
    return f"Could not tell yet: {', '.join(paths[:_NAMED_PATHS])}{more} {are} not known before deployment. The rest is judged."
