"""The application register made workloads, and the servers that nobody claims. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.build import build
from inventory.identity import ServerNames, assign_ids, stranger
from inventory.merge import Merged, merge
from inventory.model import Fault, Server, Source, Workload
from inventory.rows import Row
from inventory.sources import renamed
from inventory.text import slug

_OF_SERVER = (("name", "name"), ("environment", "environment"), ("server_ids", "name"))


@dataclass(frozen=True, slots=True)
class Register:
    """Workloads sorted by id, and the names by which files may mean them. `ambiguous` slugs fit several applications."""

    workloads: tuple[Workload, ...]
    ids: Mapping[str, str]
    ambiguous: frozenset[str] = frozenset()

    def id_of(self, name: str) -> str | None:
        """The workload that `name` means: as written but for case, else whatever its punctuation; None when there is none."""
        return self.ids.get(_folded(name)) or (None if slug(name) in self.ambiguous else self.ids.get(slug(name)))

    def why_unknown(self, name: str) -> tuple[str, str]:
        """What to say of a name that means none, and what to do."""
        if slug(name) in self.ambiguous:
            return (
                f"{name} is not quite the name of any application, and is like that of several.",
                "Write it as the application register does.",
            )
        return f"No application is called {name}.", "Correct the name, or add it to the application register."

    def with_servers(self, more: Sequence[Workload]) -> Register:
        """The register together with the workloads of servers that nobody claims; registered names go first."""
        ids = {**{i: w.id for w in more for i in (slug(w.name), w.id, _folded(w.name))}, **self.ids}
        return Register(tuple(sorted([*self.workloads, *more], key=lambda w: w.id)), ids, self.ambiguous)


def registered(rows: Sequence[Row], servers: Sequence[tuple[Server, Merged]], names: ServerNames, faults: list[Fault]) -> Register:
    """The applications, each with the servers that it or they name, known or not."""
    by_name = merge(rows, lambda row: _folded(str(row.values["name"])), faults)
    known = _known(list(by_name))
    merged = {known.ids[name]: m for name, m in by_name.items()}
    claimed: dict[str, list[str]] = {i: _servers_named(m, names, faults) for i, m in merged.items()}
    sources: dict[str, Source] = {}
    for server, said in servers:
        for name in _names(said, "application"):
            if workload := known.id_of(name):
                claimed[workload].append(server.id)
                sources.setdefault(workload, said.sources["application"])
            else:
                faults.append(said.fault("application", *known.why_unknown(name)))
    made = [_workload(i, merged[i], claimed[i], sources.get(i)) for i in sorted(merged)]
    return Register(tuple(made), known.ids, known.ambiguous)


def _known(names: Sequence[str]) -> Register:
    """The ids of applications by their folded names, and by slug and id where that can mean only one (C++ and C# are two)."""
    ids = {name: made for (name,), made in assign_ids((n,) for n in names).items()}
    alike = Counter(slug(name) for name in names)
    ambiguous = frozenset(like for like, count in alike.items() if count > 1)
    plain = {form: i for name, i in ids.items() for form in (slug(name), i) if form not in ambiguous}
    return Register((), {**plain, **ids}, ambiguous)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _workload(workload_id: str, merged: Merged, server_ids: Sequence[str], source: Source | None) -> Workload:
    if source and "servers" not in merged.sources:
        merged.sources = {**merged.sources, "servers": source}
    return build(Workload, merged, id=workload_id, server_ids=tuple(dict.fromkeys(server_ids)))


def _names(merged: Merged, field: str) -> tuple[str, ...]:
    said = merged.values.get(field, ())
    return tuple(str(s) for s in said) if isinstance(said, tuple) else (str(said),)


def _servers_named(merged: Merged, names: ServerNames, faults: list[Fault]) -> list[str]:
    """Their ids. One that no file defines is a fault and keeps its place under its slug: what would move is then not known."""
    found: list[str] = []
    for name in _separated(_names(merged, "servers"), names):
        server = names.id_of(name)
        if server is None:
            faults.append(merged.fault("servers", *names.why_unknown(name.strip())))
        found.append(server or stranger(name, names.ids.values()))
    return found


def _separated(said: Sequence[str], names: ServerNames) -> list[str]:
    """The names, those that no server has taken apart at commas: no server's name holds one, and people use them."""
    return [part for name in said for part in ([name] if names.id_of(name) else name.split(",")) if part.strip()]


def unregistered(servers: Sequence[Server], registered_workloads: Sequence[Workload]) -> list[Workload]:
    """A workload of its own for every server, template or not, that no application claims, so that none is overlooked."""
    claimed = {i for w in registered_workloads for i in w.server_ids}
    ids = {w.id for w in registered_workloads}
    taken = ids | {s.id for s in servers}
    made: list[Workload] = []
    for server in servers:
        if server.id in claimed:
            continue
        workload_id = server.id
        if server.id in ids:
            workload_id = next(i for n in range(1, len(taken) + 2) if (i := f"{server.id}-server{'' if n == 1 else f'-{n}'}") not in taken)
            taken.add(workload_id)
        made.append(
            Workload(
                workload_id,
                server.name,
                is_registered=False,
                environment=server.environment,
                server_ids=(server.id,),
                sources=renamed(server.sources, _OF_SERVER),
            )
        )
    return made
