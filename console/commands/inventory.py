"""`unless inventory`: what the estate holds, and where each figure came from."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, plain, say, show_json, table
from console.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from inventory.model import Estate, Record


class Kind(StrEnum):
    """What can be listed."""

    SERVERS = "servers"
    WORKLOADS = "workloads"
    UTILISATIONS = "utilisations"
    DATABASES = "databases"
    SHARES = "shares"
    DEPENDENCIES = "dependencies"
    INTERFACES = "interfaces"
    DATASETS = "datasets"
    FREEZES = "freezes"
    COST_LINES = "cost-lines"
    PERSONAS = "personas"
    EXCEPTIONS = "exceptions"


_COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SERVERS: ("id", "kind", "power", "environment", "cpu_cores", "memory_gb", "storage_gb", "operating_system"),
    Kind.WORKLOADS: ("id", "name", "is_registered", "owner", "service", "supplier", "users", "criticality", "server_ids"),
    Kind.UTILISATIONS: ("server_id", "month", "cpu_p95_percent", "memory_p95_percent", "disk_p95_iops", "coverage_percent"),
    Kind.DATABASES: ("id", "server_id", "workload_id", "engine", "version", "size_gb"),
    Kind.SHARES: ("id", "server_id", "workload_id", "path", "size_gb", "files"),
    Kind.DEPENDENCIES: ("from_id", "to_id", "kind", "strength", "port", "description"),
    Kind.INTERFACES: ("id", "from_id", "to", "data", "standard", "medium", "direction"),
    Kind.DATASETS: ("id", "workload_id", "owner", "steward", "classification", "personal_data", "retention_years"),
    Kind.FREEZES: ("id", "name", "starts", "ends", "service"),
    Kind.COST_LINES: ("id", "name", "kind", "amount_pence", "category", "year"),
    Kind.PERSONAS: ("id", "name", "headcount", "device", "licence", "workplace"),
    Kind.EXCEPTIONS: ("id", "subjects", "controls", "approver", "approved_on", "expires_on"),
}

inventory = typer.Typer(help="What the estate holds, and where each figure came from.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add `unless inventory` and its sub-commands."""
    app.add_typer(inventory, name="inventory")


def _estate(place: Workspace) -> Estate:
    from inventory.store import open_store

    with open_store(place.estate_url) as store:
        return store.load()


def _records(estate: Estate, kind: Kind) -> tuple[Record, ...]:
    return cast("tuple[Record, ...]", getattr(estate, kind.value.replace("-", "_")))


@inventory.callback()
def summary(context: typer.Context, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """What the estate holds, and where each figure came from. Without a sub-command: how much of everything."""
    if context.invoked_subcommand:
        return
    from inventory.records import estate_digest
    from inventory.store import open_store

    with open_store(open_workspace(workspace).estate_url) as store:
        estate, files, faults = store.load(), store.files(), store.faults()
    rows = [{"kind": kind.value, "count": len(_records(estate, kind))} for kind in Kind]
    if as_json:
        counts = {file: len(of) for file, of in faults.items() if of}
        show_json({"records": rows, "files": files, "faults": counts, "digest": estate_digest(estate)})
        return
    if not files:
        say("The estate is empty. Start with: unless import FILE…")
        return
    table(rows, ("kind", "count"), as_json=False)
    unclaimed = sum(not w.is_registered for w in estate.workloads)
    if unclaimed:
        say(f"{unclaimed:,} of the workloads are servers that no application register claims.")
    read = [{"file": f, "read_on": on, "faults": len(faults.get(f, ()))} for f, on in files.items()]
    table(read, ("file", "read_on", "faults"), as_json=False)


@inventory.command("list")
def list_(
    kind: Annotated[Kind, typer.Option("--kind", "-k", help="What to list.")] = Kind.SERVERS,
    match: Annotated[str, typer.Option("--match", help="Only those that hold this text anywhere, whatever its case.")] = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """List the records of one kind."""
    rows = [_row(r) for r in _records(_estate(open_workspace(workspace)), kind)]
    wanted = [r for r in rows if match.casefold() in " ".join(_words(v) for v in r.values()).casefold()]
    table([{k: v if as_json else _words(v) for k, v in r.items()} for r in wanted], _COLUMNS[kind], as_json=as_json)
    if not as_json:
        say(f"{len(wanted):,} of {len(rows):,}")


def _row(record: Record) -> dict[str, Any]:
    held = cast("dict[str, Any]", plain(record))
    del held["sources"]
    return held


def _words(value: object) -> str:
    """A value as a person reads it in a table."""
    shown = plain(value)
    if isinstance(shown, bool):
        return "yes" if shown else "no"
    if isinstance(shown, list):
        return "; ".join(_words(v) for v in cast("list[object]", shown))
    if isinstance(shown, float):
        return f"{shown:g}" if shown < 1000 else f"{shown:,.0f}"
    return "" if shown is None else str(shown)


@inventory.command("show")
def show(
    record_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a server, workload, database or anything else.")],
    trace: Annotated[
        bool, typer.Option("--trace", help="Say where each field came from, and follow the id to assessment and plan.")
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Show everything that bears an id, and with --trace where each figure came from."""
    from console.tracing import traced

    place = open_workspace(workspace)
    estate = _estate(place)
    found = [(kind, r) for kind in Kind for r in _records(estate, kind) if _is_named(r, record_id)]
    if not found:
        fail([f"Nothing in the estate has the id {record_id}.{_nearest(estate, record_id)}"])
    later = traced(place, record_id) if trace else []
    if as_json:
        records = [{"kind": kind.value, **(plain(r) if trace else _row(r))} for kind, r in found]
        followed = {"trace": [{"file": f, "where": w, "says": s} for f, w, s in later]} if trace else {}
        show_json({"id": record_id, "records": records, **followed})
        return
    for kind, record in found:
        _print_record(kind, record, record_id, trace=trace)
    for file, where, says in later:
        say(f"{file}, {where}: {says}")


_REFERENCES = ("server_id", "workload_id", "from_id", "to_id", "to")


def _is_named(record: Any, wanted: str) -> bool:
    """Whether the record has this id, or hangs on what has it: a database of a server, an interface of a workload."""
    if getattr(record, "id", None) == wanted:
        return True
    return any(getattr(record, f, None) == wanted for f in _REFERENCES) or wanted in getattr(record, "subjects", ())


def _nearest(estate: Estate, wanted: str) -> str:
    from difflib import get_close_matches

    ids = {r.id for kind in Kind for r in cast("tuple[Any, ...]", _records(estate, kind)) if hasattr(r, "id")}
    near = get_close_matches(wanted.lower(), ids, 3)
    return f" Near it are: {', '.join(near)}." if near else " List what there is: unless inventory list --kind servers"


def _print_record(kind: Kind, record: Record, wanted: str, *, trace: bool) -> None:
    held = _row(record)
    name = kind.value.replace("-", " ")
    if held.get("id") != wanted:
        said = ", ".join(f"{k} {_words(v)}" for k, v in held.items() if v not in (None, "", []))
        source = next(iter(record.sources.values()), "")
        say(f"{name}: {said}" + (f"  <- {source}" if trace and source else ""))
        return
    say(f"{name.removesuffix('s')} {wanted}")
    for field, value in held.items():
        if field != "id" and (words := _words(value)):
            source = record.sources.get(field)
            say(f"  {field}: {words}" + (f"  <- {source or 'nobody said; the default'}" if trace else ""))


@inventory.command("faults")
def faults(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """List what is wrong in the files, as last imported: what, where, and what to do. Exit code 1 when there is anything."""
    from inventory.store import open_store

    with open_store(open_workspace(workspace).estate_url) as store:
        rows = [plain(fault) for _, of in sorted(store.faults().items()) for fault in of]
    table(rows, ("file", "sheet", "row", "column", "what", "remedy"), as_json=as_json)
    if not as_json and not rows:
        say("No faults.")
    if rows:
        raise typer.Exit(Exit.FOUND)


@inventory.command("forget")
def forget(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file's name as `unless inventory` lists it.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Take back all that one imported file said, as if it had never been imported. The file itself stays."""
    from console.commands.import_ import write_faults
    from inventory.store import open_store

    place = open_workspace(workspace)
    with open_store(place.estate_url) as store:
        removed = sum(n for change, n in store.forget(file).changes.items() if change.how == "removed")
        write_faults(place.path("faults.json"), store.faults())
    say(f"{file} is forgotten; {removed:,} record{'' if removed == 1 else 's'} went with it.")


@inventory.command("networks")
def networks(
    from_: Annotated[
        list[str] | None, typer.Option("--from", help="A range of the council's for the cloud: propose where things go. May be repeated.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the networks in use to this file, such as stacks/platform/on-premise.toml.")
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Networks in use, as far as servers' addresses tell; with --from, ranges for the cloud that overlap none of them."""
    from console.estate_networks import proposals, stated, text_of
    from inventory.networks import networks_in_use
    from inventory.whole import write_whole
    from stacks.address_plan import FILE
    from stacks.errors import StacksError

    place = open_workspace(workspace)
    found = networks_in_use(_estate(place).servers)
    try:
        kept = stated(output or place.project / FILE)
        proposed = proposals(from_, found, kept) if from_ else []
        if output:
            write_whole(output, text_of(found, kept, place.on))
    except StacksError as wrong:
        fail(wrong.faults)
    except OSError as wrong:
        fail([f"{output} cannot be written: {wrong.strerror or wrong}. Make room for it, or name another file."])
    rows = [{"range": str(n.range), "servers": len(n.server_ids), "example": n.example, "source": n.source} for n in found]
    if as_json:
        show_json({"networks": rows, "stated": [{"range": str(n.range), "whose": n.whose} for n in kept], "proposed": proposed})
        return
    table(rows, ("range", "servers", "example", "source"), as_json=False)
    if proposed:
        table(proposed, ("setting", "range", "purpose"), as_json=False)
        say("Write them into Pulumi.landing-zone.yaml. From then on they are only checked, and never move by themselves.")
    if output:
        say(f"Wrote {len(found):,} networks to {output}, and kept the {len(kept):,} that people stated. Review it and commit it.")
