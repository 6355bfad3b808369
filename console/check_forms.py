"""The forms that one judged run of `unless check` is given in: printed, or written each whole or not at all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from console.exits import Exit
from console.output import fail, note, say, show_json, show_whole
from inventory.whole import write_whole

if TYPE_CHECKING:
    from policies.check import Check
    from policies.report.base import Base

FORMS: Final = ("text", "json", "sarif", "junit", "oscal-ar", "oscal-poam", "markdown")
_DOCUMENTS: Final = frozenset({"junit", "markdown"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A form, and the file that it goes to; none is the terminal."""

    form: str
    file: Path | None = None


def asked(written: Sequence[str], output: Path | None) -> tuple[Asked, ...]:
    """What FORM and FORM=FILE ask for; one form has no file and goes to `output`, or is printed: text where none is named.

    Ends with wrong usage and every fault where they cannot all be given.
    """
    parts = [w.partition("=") for w in written]
    faults = [
        f"--format {w}: is no form. Use one of: {', '.join(FORMS)}." for w, p in zip(written, parts, strict=True) if p[0] not in FORMS
    ]
    faults += [f"--format {w}: names no file after =." for w, p in zip(written, parts, strict=True) if p[1] and not p[2]]
    bare = list(dict.fromkeys(form for form, equals, _ in parts if not equals))
    if len(bare) > 1:
        faults.append(f"Only one form can be printed, not {' and '.join(bare)}. Give the others a file, as in --format {bare[1]}=FILE.")
    wanted = (Asked(bare[0] if bare else "text", output), *(Asked(form, Path(file)) for form, equals, file in parts if equals))
    places = [a.file for a in wanted if a.file is not None and a.file.name]
    counts = Counter(f.resolve() for f in places)
    shown = {f.resolve(): f for f in reversed(places)}
    faults += [f"{shown[file]}: is named for {n} forms. Give each a file of its own." for file, n in counts.items() if n > 1]
    if faults:
        fail(faults, Exit.USAGE)
    return wanted


def keep_apart(wanted: Sequence[Asked], read: Iterable[Path | None]) -> None:
    """End with wrong usage where a form would be written over a file that is read: a register of exceptions must not become a report."""
    held = {f.resolve() for f in read if f is not None}
    faults = [
        f"{a.file}: is read by this check, so no form may be written over it. Name another file."
        for a in wanted
        if a.file and a.file.resolve() in held
    ]
    if faults:
        fail(faults, Exit.USAGE)


def shown_and_written(wanted: Sequence[Asked], done: Check, found: dict[str, Any], base: Base | None, most: int | None) -> None:
    """Make every form first, then write those that have a file and print the one that has none.

    A printed report shows at most `most` judgements of one control, a written one all. Ends with a fault when a file cannot be written.
    """
    from policies.report.text import sum_of_it

    made = [(a, _made(a.form, done, found, base, most if a.file is None else None)) for a in wanted]
    faults = [
        f"{a.file}: its folder is not there. Make it, or choose another place." for a in wanted if a.file and not a.file.parent.is_dir()
    ]
    faults += [f"{a.file}: is a folder. Name a file." for a in wanted if a.file and a.file.is_dir()]
    if faults:
        fail(faults)
    for a, held in made:
        if a.file is not None:
            write(a.file, held if isinstance(held, str) else dump(held))
            note(f"Written to {a.file}.")
        elif a.form in _DOCUMENTS:
            show_whole(str(held))
        elif isinstance(held, str):
            say(held.rstrip("\n"))
        else:
            show_json(held)
    if all(a.file is not None for a in wanted):
        note(sum_of_it(done.judgements))


def _made(form: str, done: Check, found: dict[str, Any], base: Base | None, most: int | None) -> str | dict[str, Any]:
    """The text of a form, or what is to be written as JSON."""
    from importlib.metadata import version

    from policies.report.junit import junit
    from policies.report.markdown import markdown
    from policies.report.oscal import assessment_results, plan_of_action

    match form:
        case "json":
            return found
        case "sarif":
            return _sarif(done, version("cloud-unless"), base)
        case "junit":
            return junit(done)
        case "oscal-ar":
            return assessment_results(done, version("cloud-unless"))
        case "oscal-poam":
            return plan_of_action(done, version("cloud-unless"))
        case "markdown":
            return markdown(done, base)
        case _:
            return _text(done, base, most)


def _text(done: Check, base: Base | None, most: int | None) -> str:
    from policies.report.base import difference
    from policies.report.text import report

    lines = [*report(done.judgements, done.judged, most, done.not_judged)]
    if base is not None:
        against = difference(done.judgements, base)
        lines.append(f"Against the base: {len(against.new)} new, {len(against.fixed)} mended, {len(against.still)} still open.")
    return "\n".join(lines) + "\n"


def _sarif(done: Check, version: str, base: Base | None) -> dict[str, Any]:
    from policies.catalogue import known_controls
    from policies.frameworks import frameworks
    from policies.report.sarif import sarif

    return sarif(done, known_controls(), frameworks(), version, base)


def dump(value: object) -> str:
    """JSON as files hold it. Half of a surrogate pair, which UTF-8 cannot carry, is escaped, as JSON allows."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


def write(file: Path, text: str) -> None:
    """Whole or not at all; a fault when it cannot be written."""
    try:
        write_whole(file, text)
    except OSError as wrong:
        fail([f"{file}: cannot be written ({wrong.strerror or wrong}). Choose another place."])
