"""What all files say, made one estate: names become ids, files are merged, and what does not fit is a fault. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from inventory.build import build
from inventory.identity import Parts, ServerNames, assign_ids, server_names, stranger
from inventory.merge import Merged, merge
from inventory.model import (
    CostLine,
    Database,
    Dataset,
    Dependency,
    Estate,
    ExceptionEntry,
    Fault,
    Freeze,
    Interface,
    Persona,
    Server,
    Share,
    Utilisation,
)
from inventory.register import Register, registered, unregistered
from inventory.registers import entry
from inventory.rows import Row
from inventory.spreadsheets.layouts import layouts

T = TypeVar("T")


def reconcile(rows: Iterable[Row]) -> tuple[Estate, tuple[Fault, ...]]:
    """The estate that `rows` describe, and what does not fit, in the order of files and rows.

    `rows` come file by file in the order of import: where two files state the same field of the same thing, the later
    wins. Nothing else depends on the order.
    """
    faults: list[Fault] = []
    of = _by_kind(rows)
    names = server_names([str(r.values["name"]) for r in of["server"] if layouts()[r.layout].defines])
    servers, claims = _servers(of, names, faults)
    known = registered(of["workload"], claims, names, faults)
    workloads = known.with_servers(unregistered(servers, known.workloads))
    estate = Estate(
        servers=servers,
        utilisations=_utilisations(of["utilisation"], names, faults),
        databases=_on_servers(Database, of["database"], names, workloads, faults),
        shares=_on_servers(Share, of["share"], names, workloads, faults),
        workloads=workloads.workloads,
        dependencies=_dependencies(of["dependency"], workloads, faults),
        interfaces=_interfaces(of["interface"], workloads, faults),
        datasets=_datasets(of["dataset"], workloads, faults),
        freezes=_freezes(of["freeze"], faults),
        cost_lines=_cost_lines(of["cost"], faults),
        personas=_personas(of["persona"], faults),
        exceptions=_exceptions(of["exception"], faults),
    )
    return estate, _once_each(faults)


def _once_each(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults in the order of their places; what is the same in many rows of a column is said once, with how many."""
    alike: dict[tuple[str, str, str, str], list[Fault]] = {}
    for fault in sorted(faults, key=lambda f: (f.file, f.sheet, f.row, f.column, f.what)):
        alike.setdefault((fault.file, fault.sheet, fault.column, fault.what), []).append(fault)
    return tuple(_with_count(of) for of in alike.values())


def _with_count(alike: Sequence[Fault]) -> Fault:
    more = len({f.row for f in alike} - {alike[0].row})
    return replace(alike[0], what=f"{alike[0].what} So in {more:,} more row{'' if more == 1 else 's'}.") if more else alike[0]


def _by_kind(rows: Iterable[Row]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {layout.kind: [] for layout in layouts().values()}
    for row in rows:
        made[layouts()[row.layout].kind].append(row)
    return made


def _said(row: Row, field: str) -> str:
    return str(row.values.get(field, ""))


def _servers(of: dict[str, list[Row]], names: ServerNames, faults: list[Fault]) -> tuple[tuple[Server, ...], list[tuple[Server, Merged]]]:
    """The servers by id, and those among them that name their applications, with what files say of them.

    Their rows are taken out of `of`, and let go one by one: of a large estate they are most of what is held.
    """
    told: set[tuple[str, str, str]] = set()

    def identify(row: Row) -> str | None:
        name = _said(row, "name")
        found = names.id_of(name)
        if found is None and (row.file, row.sheet, name) not in told:
            told.add((row.file, row.sheet, name))
            faults.append(row.fault("name", *names.why_unknown(name)))
        return found

    merged = merge(of.pop("server"), identify, faults)
    made: list[Server] = []
    claims: list[tuple[Server, Merged]] = []
    for i in sorted(merged):
        said = merged.pop(i)
        made.append(build(Server, said, id=i, operating_system=_system(said)))
        if "application" in said.values:
            claims.append((made[-1], said))
    return tuple(made), claims


def _system(merged: Merged) -> str:
    """The operating system as text; a version in a column of its own is added where the name states none."""
    name, version = str(merged.values.get("operating_system", "")), str(merged.values.get("os_version", ""))
    return name if any(c.isdigit() for c in name) else f"{name} {version}".strip()


def _server_of(row: Row, names: ServerNames, faults: list[Fault]) -> str | None:
    found = names.id_of(_said(row, "server"))
    if found is None:
        faults.append(row.fault("server", *names.why_unknown(_said(row, "server"))))
    return found


def _workload_of(merged: Merged, known: Register, faults: list[Fault]) -> str:
    """The workload that the merged record names; "" for none, and for an unknown one, which is a fault."""
    name = str(merged.values.get("application", ""))
    found = known.id_of(name) if name else ""
    if found is None:
        faults.append(merged.fault("application", *known.why_unknown(name)))
    return found or ""


def _utilisations(rows: Sequence[Row], names: ServerNames, faults: list[Fault]) -> tuple[Utilisation, ...]:
    def identify(row: Row) -> tuple[str, date] | None:
        server, month = _server_of(row, names, faults), row.values["month"]
        return (server, month) if server and isinstance(month, date) else None

    made = [build(Utilisation, m, server_id=server) for (server, _), m in merge(rows, identify, faults).items()]
    return tuple(sorted(made, key=lambda u: (u.server_id, u.month)))


def _on_servers(record: Callable[..., T], rows: Sequence[Row], names: ServerNames, known: Register, faults: list[Fault]) -> tuple[T, ...]:
    """Databases or shares: on a known server, of a known workload where they name one."""

    def identify(row: Row) -> Parts | None:
        server = _server_of(row, names, faults)
        return (_said(row, "name").casefold(), server) if server else None

    merged = merge(rows, identify, faults)
    ids = assign_ids(merged)
    made = {ids[k]: build(record, m, id=ids[k], server_id=k[1], workload_id=_workload_of(m, known, faults)) for k, m in merged.items()}
    return tuple(made[i] for i in sorted(made))


def _end_of(row: Row, field: str, known: Register, faults: list[Fault]) -> str | None:
    found = known.id_of(_said(row, field))
    if found is None:
        faults.append(row.fault(field, *known.why_unknown(_said(row, field))))
    return found


def _dependencies(rows: Sequence[Row], known: Register, faults: list[Fault]) -> tuple[Dependency, ...]:
    """With one end known the other may be a stranger, under its slug: a link to what nobody knows still holds its workload back."""
    ids = frozenset(known.ids.values())

    def identify(row: Row) -> Parts | None:
        found = [_end_of(row, field, known, faults) for field in ("from_application", "to_application")]
        if not any(found):
            return None
        start, end = (f or stranger(_said(row, n), ids) for f, n in zip(found, ("from_application", "to_application"), strict=True))
        if start == end:
            faults.append(row.fault("to_application", "An application cannot depend on itself.", "Correct one of the two names."))
            return None
        return start, end, _said(row, "kind"), _said(row, "port")

    made = [build(Dependency, m, from_id=k[0], to_id=k[1]) for k, m in merge(rows, identify, faults).items()]
    return tuple(sorted(made, key=lambda d: (d.from_id, d.to_id, d.kind, d.port or 0)))


def _interfaces(rows: Sequence[Row], known: Register, faults: list[Fault]) -> tuple[Interface, ...]:
    """`to` becomes a workload's id where it names one; else it is the partner's name as written."""

    def identify(row: Row) -> Parts | None:
        start, end = _end_of(row, "from_application", known, faults), _said(row, "to")
        return (_said(row, "name").casefold(), start, known.id_of(end) or end) if start else None

    merged = merge(rows, identify, faults)
    ids = assign_ids(merged)
    made = [build(Interface, m, id=ids[k], from_id=k[1], to=k[2]) for k, m in merged.items()]
    return tuple(sorted(made, key=lambda i: i.id))


def _by_name(rows: Sequence[Row], faults: list[Fault]) -> dict[str, Merged]:
    """Things that are told apart by their names alone, by id."""
    merged = merge(rows, lambda row: (_said(row, "name").casefold(),), faults)
    ids = assign_ids(merged)
    return {ids[named]: m for named, m in merged.items()}


def _datasets(rows: Sequence[Row], known: Register, faults: list[Fault]) -> tuple[Dataset, ...]:
    named = _by_name(rows, faults)
    return tuple(build(Dataset, named[i], id=i, workload_id=_workload_of(named[i], known, faults)) for i in sorted(named))


def _freezes(rows: Sequence[Row], faults: list[Fault]) -> tuple[Freeze, ...]:
    def identify(row: Row) -> Parts | None:
        if _said(row, "ends") < _said(row, "starts"):
            faults.append(row.fault("ends", f"{_said(row, 'name')} ends before it starts.", "Correct one of the two dates."))
            return None
        return _said(row, "name").casefold(), _said(row, "starts"), _said(row, "service").casefold()

    merged = merge(rows, identify, faults)
    ids = assign_ids(merged)
    return tuple(sorted((build(Freeze, m, id=ids[k]) for k, m in merged.items()), key=lambda f: f.id))


def _cost_lines(rows: Sequence[Row], faults: list[Fault]) -> tuple[CostLine, ...]:
    def identify(row: Row) -> Parts:
        return _said(row, "name").casefold(), _said(row, "year"), _said(row, "kind"), _said(row, "category").casefold()

    merged = merge(rows, identify, faults)
    ids = assign_ids(merged)
    made = [build(CostLine, m, **({"kind": "revenue"} | {"id": ids[k]} | _stated_kind(m))) for k, m in merged.items()]
    return tuple(sorted(made, key=lambda c: c.id))


def _stated_kind(merged: Merged) -> dict[str, object]:
    return {"kind": merged.values["kind"]} if "kind" in merged.values else {}


def _personas(rows: Sequence[Row], faults: list[Fault]) -> tuple[Persona, ...]:
    named = _by_name(rows, faults)
    return tuple(build(Persona, named[i], id=i) for i in sorted(named))


def _exceptions(rows: Sequence[Row], faults: list[Fault]) -> tuple[ExceptionEntry, ...]:
    merged = merge(rows, lambda row: _said(row, "id"), faults)
    return tuple(entry(merged[i]) for i in sorted(merged))
