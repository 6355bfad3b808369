"""The databases of a wave that targets.toml places: which steps each gets, and with which parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from migration.model import COST_ONLY
from migration.runbooks.places import DatabasePlace
from migration.runbooks.plan_view import PlanWorkload, WaveView
from migration.runbooks.scope import Scope, id_of

# What a template's `each` lays it out over: every placed database, those that move in one way, those whose programs we switch.
EACH: Final = ("postgresql", "postgresql-dump", "postgresql-replicate", "postgresql-switch")


def wrong_engines(seen: WaveView, databases: Sequence[DatabasePlace]) -> list[str]:
    """Databases that the plan says are of another engine than PostgreSQL, a sentence each."""
    return [
        f"targets.toml: the plan says that the database {d.id} is {held.engine}, not PostgreSQL. Correct the id or remove the entry."
        for d in databases
        if (held := seen.databases.get(d.id)) and held.engine and "postgres" not in held.engine.lower()
    ]


def database_scopes(
    each: str, seen: WaveView, workload: PlanWorkload, base: Mapping[str, Any], databases: Sequence[DatabasePlace]
) -> Iterator[Scope]:
    """What a template with this `each` is laid out over in one workload. "database" are those that nobody placed: people move them."""
    placed = {d.id: d for d in databases}
    for target in workload.targets:
        if target.subject not in seen.databases or target.kind in {"none", *COST_ONLY}:
            continue
        place = placed.get(target.subject)
        names = {**base, "subject": seen.databases[target.subject], "target": target}
        if place is None:
            if each == "database":
                yield Scope(id_of(target.subject), names, workload.id, target.subject)
        elif each in ("postgresql", f"postgresql-{place.way}") or (each == "postgresql-switch" and place.switch):
            yield Scope(id_of(target.subject), {**names, "place": place}, workload.id, target.subject)


def database_parameters(kind: str, sides: str, scope: Scope) -> dict[str, Any]:
    """The parameters of a kind of step that moves a database."""
    place: DatabasePlace = scope.names["place"]
    frozen: dict[str, Any] = {"database": place.id, "source": place.source.model_dump(mode="json")}
    moved = {**frozen, "target": place.target.model_dump(mode="json")}
    linked = {**moved, "link": place.link.model_dump(mode="json") if place.link else None}
    steps = {"replicate_step": f"replicate-database-{scope.suffix}", "freeze_step": f"freeze-database-{scope.suffix}"}
    move = f"{'copy' if place.way == 'dump' else 'catch-up'}-database-{scope.suffix}"
    certificate = f"verify-database-{scope.suffix}" if sides == "source" else ""
    made: dict[str, dict[str, Any]] = {
        "postgresql-check": {**moved, "way": place.way},
        "postgresql-freeze": frozen,
        "postgresql-copy": moved,
        "postgresql-replicate": linked,
        "postgresql-catch-up": {**linked, **steps},
        "postgresql-verify": {**moved, "move_step": move, "sides": sides or "both", "certificate_step": certificate},
    }
    if kind == "ssh-command" and place.switch:
        commands = {name: getattr(place.switch, name) for name in ("command", "check", "undo", "undo_check")}
        return {"server": place.switch.server().model_dump(mode="json"), **commands}
    return made[kind]
