"""Which workloads must move together: connected components over shared servers and strong dependencies.

Only workloads whose disposition moves servers tie others. One that is retained, retired or bought as a service drags
nobody: a tie to it is a *crossing*, a sentence that says what will reach across once the group has moved. A cycle of
dependencies is one component like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TypeVar, cast

import networkx as nx

from inventory.model import Database, Dependency, DependencyKind, Estate, Share, Strength
from migration.model import Disposition, MoveGroup

STAYING: Mapping[Disposition, str] = {
    Disposition.RETIRE: "retires",
    Disposition.REPURCHASE: "is bought as a service",
    Disposition.RETAIN: "stays",
}
"""The dispositions that move no server, each as a verb for a sentence."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Links:
    """Everything that ties workloads, indexed once: by server its users, by workload its strong links and its parts."""

    estate: Estate
    dispositions: Mapping[str, Disposition]
    users: Mapping[str, tuple[str, ...]]
    strong: Mapping[str, tuple[Dependency, ...]]
    parts: Mapping[str, tuple[tuple[str, Database | Share], ...]]

    def moves(self, workload_id: str) -> bool:
        return workload_id in self.dispositions and self.dispositions[workload_id] not in STAYING


def move_groups(estate: Estate, dispositions: Mapping[str, Disposition]) -> tuple[MoveGroup, ...]:
    """Move groups of the workloads in `dispositions`, by id; every workload that moves servers is in exactly one.

    A group's id is `group-` and its first workload's id, its `because` and `crossings` are sentences. Workloads
    that are not in `dispositions` (not assessed) neither move nor tie. The order of the estate's rows changes nothing.
    """
    links = _links(estate, dispositions)
    components = cast("Iterable[set[str]]", nx.connected_components(_graph(links)))
    return tuple(_group(tuple(sorted(c)), links) for c in sorted(components, key=min))


def _links(estate: Estate, dispositions: Mapping[str, Disposition]) -> _Links:
    users: dict[str, set[str]] = {}
    for w in estate.workloads:
        for server_id in w.server_ids:
            users.setdefault(server_id, set()).add(w.id)
    strong: dict[str, list[Dependency]] = {}
    for d in sorted((d for d in estate.dependencies if d.strength is Strength.STRONG and d.from_id != d.to_id), key=_order):
        strong.setdefault(d.from_id, []).append(d)
        strong.setdefault(d.to_id, []).append(d)
    parts: dict[str, list[tuple[str, Database | Share]]] = {}
    for what, held in (("Database", estate.databases), ("Share", estate.shares)):
        for part in sorted(held, key=lambda p: p.id):
            parts.setdefault(part.workload_id, []).append((what, part))
    return _Links(estate, dispositions, _frozen(users, sorted), _frozen(strong, list), _frozen(parts, list))


def _frozen(held: Mapping[str, Iterable[T]], order: Callable[[Iterable[T]], list[T]]) -> dict[str, tuple[T, ...]]:
    return {key: tuple(order(values)) for key, values in held.items()}


def _order(d: Dependency) -> tuple[str, str, str, int, str]:
    return (d.from_id, d.to_id, d.kind.value, d.port or 0, d.description)


def _graph(links: _Links) -> nx.Graph[str]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(w.id for w in links.estate.workloads if links.moves(w.id))
    graph.add_edges_from(chain.from_iterable(pairwise(filter(links.moves, ids)) for ids in links.users.values()))
    strong = chain.from_iterable(links.strong.values())
    graph.add_edges_from((d.from_id, d.to_id) for d in strong if d.from_id in graph and d.to_id in graph)
    return graph


def _group(members: tuple[str, ...], links: _Links) -> MoveGroup:
    server_ids = tuple(sorted({s for w in members for s in links.estate.workload_by_id[w].server_ids}))
    strong = sorted({_order(d): d for w in members for d in links.strong.get(w, ())}.values(), key=_order)
    inside = frozenset(members)
    because = [*_shared(server_ids, inside, links), *_needed(strong, inside, links)]
    crossings = [
        *_shared_outside(server_ids, inside, links),
        *_needed_outside(strong, inside, links),
        *_stands_elsewhere(members, server_ids, links),
    ]
    return MoveGroup(f"group-{members[0]}", members, server_ids, tuple(dict.fromkeys(because)), tuple(dict.fromkeys(crossings)))


def _shared(server_ids: Sequence[str], inside: frozenset[str], links: _Links) -> Iterator[str]:
    for server_id in server_ids:
        names = [workload_name(links.estate, w) for w in links.users[server_id] if w in inside]
        if len(names) > 1:
            yield f"{listed(names)} share server {server_name(links.estate, server_id)}."


def _needed(strong: Sequence[Dependency], inside: frozenset[str], links: _Links) -> Iterator[str]:
    for d in strong:
        if d.from_id in inside and d.to_id in inside:
            yield f"{_depends(d, links)}."


def _shared_outside(server_ids: Sequence[str], inside: frozenset[str], links: _Links) -> Iterator[str]:
    for server_id in server_ids:
        for other in (w for w in links.users[server_id] if w not in inside):
            name = workload_name(links.estate, other)
            yield f"Server {server_name(links.estate, server_id)} also serves {name}, which {_verb(other, links)}: it stays on for {name}."


def _needed_outside(strong: Sequence[Dependency], inside: frozenset[str], links: _Links) -> Iterator[str]:
    for d in strong:
        for other in {d.from_id, d.to_id} - inside:
            yield f"{_depends(d, links)}, and {workload_name(links.estate, other)} {_verb(other, links)}."


def _stands_elsewhere(members: Sequence[str], server_ids: Sequence[str], links: _Links) -> Iterator[str]:
    for member in members:
        for what, part in links.parts.get(member, ()):
            if part.server_id not in server_ids:
                owners = listed([workload_name(links.estate, w) for w in links.users.get(part.server_id, ())]) or "no workload"
                where = f"server {server_name(links.estate, part.server_id)}, which belongs to {owners} and does not move with it"
                yield f"{what} {part.name} of {workload_name(links.estate, member)} stands on {where}."


def _depends(d: Dependency, links: _Links) -> str:
    return f"{workload_name(links.estate, d.from_id)} depends strongly on {workload_name(links.estate, d.to_id)} ({_how(d)})"


def _verb(workload_id: str, links: _Links) -> str:
    return STAYING.get(links.dispositions[workload_id], "moves") if workload_id in links.dispositions else "is not assessed"


def _how(d: Dependency) -> str:
    said = "declared" if d.kind is DependencyKind.DECLARED else "observed"
    port = f", port {d.port}" if d.port else ""
    return f"{said}{port}: {d.description}" if d.description else f"{said}{port}"


def workload_name(estate: Estate, workload_id: str) -> str:
    """The workload's name, or its id where the estate does not know it."""
    held = estate.workload_by_id.get(workload_id)
    return held.name if held else workload_id


def server_name(estate: Estate, server_id: str) -> str:
    """The server's name, or its id where the estate does not know it."""
    held = estate.server_by_id.get(server_id)
    return held.name if held else server_id


def listed(names: Sequence[str]) -> str:
    """`a, b and c`; "" for none."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
