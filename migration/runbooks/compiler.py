"""From a plan's wave and the reviewed places to one runbook: templates laid out over what the wave holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from migration.errors import MigrationError
from migration.model import COST_ONLY
from migration.runbooks.databases import EACH, database_parameters, database_scopes, wrong_engines
from migration.runbooks.faults import faults
from migration.runbooks.knowledge import Template, roles, templates
from migration.runbooks.model import Runbook, Step, Window
from migration.runbooks.places import DatabasePlace, ServicePlace, ShareTargets
from migration.runbooks.plan_view import PlanWorkload, WaveView, view
from migration.runbooks.scope import Scope, id_of
from migration.steps.endpoints import BlobPlace, S3Place


def compile_runbook(
    plan: Mapping[str, Any],
    wave_id: str,
    places: Mapping[str, ShareTargets],
    windows: Mapping[str, Window] | None = None,
    services: Sequence[ServicePlace] = (),
    databases: Sequence[DatabasePlace] = (),
) -> Runbook:
    """The runbook of one wave. `plan` is the JSON of plan.json; of targets.toml `places` are the shares by id, `windows` the hours by
    wave, `services` and `databases` those that it names.

    Raises MigrationError with every fault: no such wave, a place for what the plan does not know, and whatever
    `faults` finds in the result.
    """
    seen = view(plan, wave_id)
    unknown = [f"share {i}" for i in sorted(set(places) - seen.share_ids_of_plan)]
    unknown += [f"workload {s.workload}" for s in services if s.workload not in seen.workload_ids_of_plan]
    unknown += [f"database {d.id}" for d in databases if d.id not in seen.databases]
    unknown += [f"wave {i}" for i in sorted(set(windows or {}) - seen.wave_ids_of_plan)]
    wrong = [f"targets.toml: the plan has no {what}. Correct the id or remove the entry." for what in unknown]
    wrong += wrong_engines(seen, databases)
    if wrong:
        raise MigrationError(*wrong)
    runbook = Runbook(
        id=f"runbook-{wave_id}",
        wave_id=wave_id,
        title=f"Runbook of {wave_id}: {len(seen.workloads)} workload{'s' if len(seen.workloads) != 1 else ''}",
        starts=seen.wave.starts,
        ends=seen.wave.ends,
        plan_digest=seen.plan_digest,
        workloads={w.id: w.name for w in seen.workloads},
        steps=_steps(seen, Places(places, tuple(services), tuple(databases))),
        window=(windows or {}).get(wave_id),
    )
    found = faults(runbook, roles())
    if found:
        raise MigrationError(*found)
    return runbook


@dataclass(frozen=True, slots=True)
class Places:
    """What targets.toml places: shares by id, services and databases in its order."""

    shares: Mapping[str, ShareTargets]
    services: tuple[ServicePlace, ...]
    databases: tuple[DatabasePlace, ...]


def _steps(seen: WaveView, places: Places) -> tuple[Step, ...]:
    made: list[tuple[Template, Scope, Step]] = []
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=False)
    for template in templates():
        for scope in _scopes(template, seen, places):
            needs = tuple(s.id for t, o, s in made if t.id in template.after and _meets(scope, o))
            made.append((template, scope, _step(environment, template, scope, needs)))
    return tuple(step for _, _, step in made)


def _meets(scope: Scope, other: Scope) -> bool:
    """Whether two steps are about the same thing: a wave's step meets all, a workload's its own, a share's target itself."""
    if "" in (scope.workload_id, other.workload_id):
        return True
    if scope.workload_id != other.workload_id:
        return False
    mine, theirs = scope.names.get("place"), other.names.get("place")
    if mine is None or theirs is None:
        return True
    same_target = "" in (scope.suffix.partition("--")[2], other.suffix.partition("--")[2]) or scope.suffix == other.suffix
    return mine is theirs and same_target


def _scopes(template: Template, seen: WaveView, places: Places) -> Iterator[Scope]:
    """What a template is laid out over."""
    if template.each == "wave":
        yield Scope("", {"wave": seen.wave})
        return
    for workload in seen.workloads:
        if template.dispositions and workload.disposition not in template.dispositions:
            continue
        base = {"wave": seen.wave, "workload": workload}
        mine = [s for s in places.services if s.workload == workload.id]
        if template.each == "service":
            yield from (Scope(id_of(s.id), {**base, "service": s}, workload.id, workload.id) for s in mine)
        elif template.each == "workload" and template.id == "stop" and mine:
            continue  # its services are stopped by the program
        elif template.each == "workload":
            yield Scope(workload.id, base, workload.id, workload.id)
        elif template.each == "server":
            yield from _servers(seen, workload, base)
        elif template.each in ("database", *EACH):
            yield from database_scopes(template.each, seen, workload, base, places.databases)
        else:
            yield from _shares(template.each, seen, workload, base, places.shares)


def _servers(seen: WaveView, workload: PlanWorkload, base: Mapping[str, Any]) -> Iterator[Scope]:
    for target in workload.targets:
        if target.subject in seen.servers and target.kind not in {"none", *COST_ONLY}:
            names = {**base, "subject": seen.servers[target.subject], "target": target}
            yield Scope(id_of(target.subject), names, workload.id, target.subject)


def _shares(
    each: str, seen: WaveView, workload: PlanWorkload, base: Mapping[str, Any], places: Mapping[str, ShareTargets]
) -> Iterator[Scope]:
    for share in (s for s in seen.shares if s.workload_id == workload.id):
        place = places.get(share.id)
        names = {**base, "share": share, "place": place}
        scope = Scope(id_of(share.id), names, workload.id, share.id)
        if place is None:
            if each == "share-by-hand":
                yield scope
        elif each == "copy":
            kinds = [t.kind for t in place.target]
            for at, target in enumerate(place.target):
                which = target.kind if kinds.count(target.kind) == 1 else f"{target.kind}-{at + 1}"
                yield Scope(f"{id_of(share.id)}--{which}", {**names, "target": target}, workload.id, share.id)
        elif each == "share" or (each == "locator" and place.locator) or (each == "web" and place.check_url):
            yield Scope(scope.suffix, {**names, "target": place.target[0]}, workload.id, share.id)


def _step(environment: ImmutableSandboxedEnvironment, template: Template, scope: Scope, needs: tuple[str, ...]) -> Step:
    def text(written: str) -> str:
        try:
            return environment.from_string(written).render(**scope.names).strip()
        except TemplateError as wrong:
            raise MigrationError(f"steps.toml, step {template.id}: {wrong}. Correct the text.") from wrong

    title, do, verify, undo = (text(t) for t in (template.title, template.do, template.verify, template.undo))
    precondition, evidence, tell = (text(t) for t in (template.precondition, template.evidence, template.tell))
    return Step(
        id=f"{template.id}-{scope.suffix}" if scope.suffix else template.id,
        title=title,
        phase=template.phase,
        role=template.role,
        kind=template.kind,
        parameters=_parameters(template, scope, do),
        do=do,
        verify=verify,
        undo=undo,
        no_undo_because=template.no_undo_because,
        after=needs,
        minutes=template.minutes,
        workload_id=scope.workload_id,
        subject=scope.subject,
        is_point_of_no_return=template.is_point_of_no_return,
        accountable=template.accountable,
        consulted=template.consulted,
        informed=template.informed,
        precondition=precondition,
        evidence=evidence,
        tell=tell,
        undo_minutes=template.undo_minutes,
    )


def _parameters(template: Template, scope: Scope, do: str) -> dict[str, Any]:
    """The parameters of the kind of step that a template names, from what it is about."""
    if template.kind == "human-task":
        return {"instructions": do}
    if template.kind == "go-no-go":
        return {"question": do}
    if template.each in EACH:
        return database_parameters(template.kind, template.sides, scope)
    if template.kind == "ssh-command":
        service: ServicePlace = scope.names["service"]
        commands = {"command": service.stop, "check": service.stopped, "undo": service.start, "undo_check": f"! ( {service.stopped} )"}
        return {"server": service.server().model_dump(mode="json"), **commands}
    return _share_parameters(template, scope)


def _share_parameters(template: Template, scope: Scope) -> dict[str, Any]:
    place: ShareTargets = scope.names["place"]
    target: S3Place | BlobPlace = scope.names["target"]
    source = place.source().model_dump(mode="json")
    share: dict[str, Any] = {"share": scope.subject, "source": source}
    there = {"target": target.model_dump(mode="json")}
    server = {name: source[name] for name in source if name not in ("path", "freeze")}
    made: dict[str, dict[str, Any]] = {
        "survey-share": {
            **share,
            "targets": [t.model_dump(mode="json") for t in place.target],
            "expected_files": scope.names["share"].files,
        },
        "freeze-share": share,
        "copy-files": {**share, **there},
        "verify-copy": {**share, **there, "copy_step": f"copy-{scope.suffix}", "sides": template.sides or "both"},
        "switch-locator": {"share": scope.subject, "server": server, "file": place.locator, "location": target.name},
        "http-check": {"url": place.check_url, "status": place.check_status},
    }
    return made[template.kind]
