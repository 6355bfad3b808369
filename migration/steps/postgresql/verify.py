"""The reconciliation certificate of a database: both sides read through and compared, and what was not carried."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from inventory.whole import write_whole
from migration.steps.model import Bench, Facts, Found, ReadBack, StepError
from migration.steps.names import shown
from migration.steps.postgresql.catalogue import extensions, invalid_indexes, not_carried, structure
from migration.steps.postgresql.catch_up import kept_file
from migration.steps.postgresql.connect import connected, version
from migration.steps.postgresql.contents import NOT_COMPARED, Contents, contents, of_data
from migration.steps.postgresql.databases import Form, form
from migration.steps.postgresql.parameters import VerifyParameters
from migration.steps.postgresql.place import PostgresPlace

FORMAT: Final = "cloud-unless/database-certificate/1"
CAVEAT: Final = (
    "A table's digest is the sum over its rows of hashtextextended(row as text), 64 bits: it finds rows that were lost, doubled or changed "
    "by accident, and is no seal against rows forged on purpose."
)
_WHAT: Final = 160


@dataclass(frozen=True, slots=True)
class Side:
    """One side read through."""

    version: int
    form: Form
    contents: Contents
    structure: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    extensions: Mapping[str, str] = field(default_factory=dict[str, str])
    invalid: tuple[str, ...] = ()


def certify(bench: Bench, parameters: VerifyParameters) -> Facts:
    """Compare and write the certificate. Raises StepError naming every difference."""
    if parameters.sides == "source":
        return _certify_source(bench, parameters)
    with connected(parameters.source, bench.environment) as one, connected(parameters.target, bench.environment) as other:
        is_one_version = version(one) == version(other)
        behind = [shown(line) for line in not_carried(one)]
        left_out = [shown(str(r[0])) for r in one.execute(NOT_COMPARED).fetchall()]
    with ThreadPoolExecutor(2, thread_name_prefix="verify") as pool:
        reading = [pool.submit(read, bench, p, is_one_version=is_one_version) for p in (parameters.source, parameters.target)]
        source, target = (r.result() for r in reading)
    found = differences(source, target)
    if found:
        raise _refused(bench, parameters, found, f"{parameters.source.name} and {parameters.target.name}")
    held: Facts = {
        **_heading(bench, parameters, source),
        "target": parameters.target.name,
        "target_version": target.version,
        "compared": sorted({kind for kind, _ in source.structure}),
        "objects": len(source.structure),
        "other_extension_versions": _other_versions(source, target),
        "not_compared": left_out,
        "not_carried": behind,
        **_caught_up(bench.folder, parameters.move_step),
    }
    return _written(bench, held)


def read(bench: Bench, place: PostgresPlace, *, is_one_version: bool) -> Side:
    """A side: what it is made of, and all that is in it. Raises StepError."""
    with connected(place, bench.environment) as held:
        made_of = structure(held, is_one_version=is_one_version)
        invalid = tuple(shown(i) for i in invalid_indexes(held))
        side = Side(version(held), form(held), Contents(), made_of, extensions(held), invalid)
    return Side(side.version, side.form, contents(bench, place), side.structure, side.extensions, side.invalid)


def differences(source: Side, target: Side) -> list[str]:
    """Every disagreement between two sides, a line each, sorted within what it is about."""
    found = [f"index {name}: invalid at the target" for name in target.invalid]
    found += _of_form(source.form, target.form)
    found += _of_structure(source.structure, target.structure)
    found += of_contents(source.contents, target.contents)
    return found


def of_contents(source: Contents, target: Contents) -> list[str]:
    """Every table, sequence and the large objects that are not the same."""
    found: list[str] = []
    for name in sorted({*source.tables, *target.tables}):
        one, other = source.tables.get(name), target.tables.get(name)
        if one is None or other is None:
            found.append(f"table {name}: only at the {'target' if one is None else 'source'}")
        elif one[0] != other[0]:
            found.append(f"table {name}: {one[0]} rows at the source, {other[0]} at the target")
        elif one != other:
            found.append(f"table {name}: {one[0]} rows on both sides, but not the same")
    for name in sorted({*source.sequences, *target.sequences}):
        one, other = source.sequences.get(name), target.sequences.get(name)
        if one != other:
            found.append(f"sequence {name}: {_at(one)} at the source, {_at(other)} at the target")
    if source.large_objects != target.large_objects:
        counts = f"{source.large_objects[0]} at the source, {target.large_objects[0]} at the target"
        found.append(f"large objects: {counts}, or not the same content or owner")
    return found


def _at(value: tuple[int, bool] | None) -> str:
    return "none" if value is None else f"{value[0]}{'' if value[1] else ' (not given out)'}"


def _of_form(source: Form, target: Form) -> Iterator[str]:
    for name in ("encoding", "collate", "ctype", "provider", "locale", "owner", "rights", "settings"):
        one, other = getattr(source, name), getattr(target, name)
        if one != other:
            yield f"database, {name}: {_cut(_listed(one))} at the source, {_cut(_listed(other))} at the target"


def _listed(value: Any) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(sorted(map(str, value.items() if isinstance(value, Mapping) else value))) or "none"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType]


def _of_structure(source: Mapping[tuple[str, str], str], target: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for kind, name in sorted({*source, *target}):
        one, other = source.get((kind, name)), target.get((kind, name))
        if one is None or other is None:
            yield f"{kind} {shown(name)}: only at the {'target' if one is None else 'source'}"
        elif one != other:
            yield f"{kind} {shown(name)}: {_cut(one)} at the source, {_cut(other)} at the target"


def _cut(text: str) -> str:
    line = shown(" ".join(text.split()))
    return line if len(line) <= _WHAT else f"{line[:_WHAT]}…"


def _other_versions(source: Side, target: Side) -> list[str]:
    both = ((n, v, target.extensions.get(n, "")) for n, v in sorted(source.extensions.items()))
    return [f"{shown(n)}: {v} at the source, {w} at the target" for n, v, w in both if w not in ("", v)]


def _heading(bench: Bench, parameters: VerifyParameters, source: Side) -> Facts:
    return {
        "format": FORMAT,
        "database": parameters.database,
        "source": parameters.source.name,
        "source_version": source.version,
        "sides": parameters.sides,
        "run": bench.run,
        "at": bench.now().isoformat(),
        "rows": source.contents.rows,
        "caveat": CAVEAT,
        **source.contents.as_data(),
    }


def _written(bench: Bench, held: Facts) -> Facts:
    """Write the certificate; the journal keeps its digest and how much it is about."""
    content = json.dumps(held, indent=1).encode("ascii")
    write_whole(bench.folder / f"certificate-{bench.step}.json", content)
    kept = ("format", "database", "source", "target", "sides", "rows", "caught_up_seconds")
    counts = {"tables": len(held["tables"]), "sequences": len(held["sequences"]), "not_carried": len(held.get("not_carried", ()))}
    return {**{k: held[k] for k in kept if k in held}, **counts, "certificate": hashlib.sha256(content).hexdigest()}


def _certify_source(bench: Bench, parameters: VerifyParameters) -> Facts:
    """The old database against the certificate: whoever wrote there since is found."""
    before = _certificate(bench.folder, parameters.certificate_step)
    if before is None:
        raise StepError(f"{parameters.source.name}: there is no certificate of {parameters.certificate_step} to hold it against.")
    with connected(parameters.source, bench.environment) as held:
        side = Side(version(held), form(held), contents(bench, parameters.source))
    found = [f.replace("at the target", "now").replace("at the source", "by the certificate") for f in of_contents(before, side.contents)]
    if found:
        raise _refused(bench, parameters, found, f"{parameters.source.name} and its certificate")
    return _written(bench, _heading(bench, parameters, side))


def _certificate(folder: Path, step: str) -> Contents | None:
    file = folder / f"certificate-{step}.json"
    return of_data(json.loads(file.read_bytes())) if file.is_file() else None


def _caught_up(folder: Path, step: str) -> Facts:
    """How long it took from the freeze until the target had everything, where the database was replicated."""
    file = kept_file(folder, step)
    return {"caught_up_seconds": json.loads(file.read_bytes())["seconds"]} if file.is_file() else {}


def _refused(bench: Bench, parameters: VerifyParameters, found: list[str], between: str) -> StepError:
    head = f"{parameters.database}: {len(found)} differences between {between}:"
    if parameters.sides == "source":
        tail = "Somebody wrote at the old place after the copy. Find out who, and bring over what they wrote, before anything is wiped."
    else:
        tail = (
            "Stop whatever writes on either side. Then either put the differences right by hand and resume; or, since a resume does not "
            f"copy again, take the whole run back (unless runbook undo {bench.run}) and start a new one."
        )
    return StepError(head, *(f"  {line}" for line in found), tail)


def is_certified(bench: Bench, parameters: VerifyParameters) -> ReadBack:
    """Whether the certificate in the run's folder is the one that the journal speaks of."""
    file = bench.folder / f"certificate-{bench.step}.json"
    if bench.effect is None or not file.is_file():
        return ReadBack(Found.NOT_DONE, f"{parameters.database} has no certificate yet")
    if hashlib.sha256(file.read_bytes()).hexdigest() != bench.effect.get("certificate"):
        return ReadBack(Found.NOT_DONE, "the certificate was changed after it was written")
    where = bench.effect.get("target") or bench.effect["source"]
    return ReadBack(Found.DONE, f"{bench.effect['rows']} rows of {bench.effect['tables']} tables agree at {where}")
