"""Shares that a workload reaches by a path, and who else does: what one of them moves, the others lose."""

from __future__ import annotations

from collections.abc import Container, Iterator

from inventory.addresses import private_addresses, share_root
from inventory.model import Estate, Server, Share, Workload
from migration.assessors.finding import from_source
from migration.disposition import decide
from migration.model import Disposition, Effect, Finding
from migration.terms import Terms

NAME = "shared-paths"
_Root = tuple[str, str]


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """A finding for each path that the register says it uses, and for each share of its own that others use. What retires uses none."""
    if decide(workload, estate, terms).disposition is Disposition.RETIRE:
        return ()
    used = {root: said for said in reversed(workload.shared_paths) if (root := share_root(said))}
    unread = tuple(_unread(said, workload, terms) for said in workload.shared_paths if share_root(said) is None)
    paths = tuple(_path(root, used[root], workload, estate, terms) for root in sorted(used))
    return (*unread, *paths, *_lent(workload, used.keys(), estate, terms))


def _unread(said: str, w: Workload, terms: Terms) -> Finding:
    reason = f"{w.name} uses {said}, of which nobody has said on which server and share it is."
    remedy = r"Write it in the register as \\SERVER\SHARE, as its users' drive letters are set."
    return _condition(w, w.id, reason, remedy, terms, "find-out", from_source(w.sources, "shared_paths"))


def _path(root: _Root, said: str, w: Workload, estate: Estate, terms: Terms) -> Finding:
    """The path as far as its server is known: who has it, and who else uses it."""
    lines = from_source(w.sources, "shared_paths")
    server = _server(root[0], estate)
    if server is None:
        reason = f"{w.name} uses {said}, whose server the inventory does not have, so what becomes of it is not known."
        remedy = "Import its server; for a namespace write the share behind it."
        return Finding(NAME, w.id, w.id, Effect.UNKNOWN, reason, remedy, terms.knowledge.efforts["find-out"], lines)
    others = _others(root, server, w, estate)
    if not others:
        return Finding(NAME, w.id, server.id, Effect.NONE, f"{w.name} alone uses {said}, which moves with it.", "", None, lines)
    reason = f"{w.name} uses {said} with {', '.join(others)}: whichever moves first loses the way to it, or takes it from the others."
    remedy = "Move them together, or let all of them find it by a namespace that can be turned on the night."
    return _condition(w, server.id, reason, remedy, terms, "shared-path", lines)


def _lent(w: Workload, said: Container[_Root], estate: Estate, terms: Terms) -> Iterator[Finding]:
    """Shares that the register gives to it and that others use by their paths, but for those that it says itself."""
    for share in estate.shares_by_workload.get(w.id, ()):
        root, server = _root(share), estate.server_by_id.get(share.server_id)
        others = sorted(_users(root[1], server, estate) - {w.id}) if server else []
        if others and root not in said:
            reason = f"Its share {share.name} is used by {', '.join(others)}, which lose the way to it when {w.name} moves."
            remedy = "Move them together, or let all of them find it by a namespace that can be turned on the night."
            yield _condition(w, share.id, reason, remedy, terms, "shared-path", from_source(share.sources, "name"))


def _server(name: str, estate: Estate) -> Server | None:
    return estate.server_by_id.get(name) or next(iter(estate.servers_by_address.get(name, ())), None)


def _others(root: _Root, server: Server, w: Workload, estate: Estate) -> list[str]:
    """Who else uses it, and whose it is: by the register of shares, else by the server."""
    held = (s for s in estate.shares_by_server.get(server.id, ()) if _root(s)[1] == root[1])
    owners = [s.workload_id for s in held if s.workload_id]
    owners = owners or [o.id for o in estate.workloads_by_server.get(server.id, ())]
    return sorted({*owners, *_users(root[1], server, estate)} - {w.id})


def _users(share: str, server: Server, estate: Estate) -> set[str]:
    """Who names the share, by the server's name or by an address of it."""
    names = (server.id, *(str(a) for a in private_addresses(server.ip_address)))
    return {w.id for name in names for w in estate.workloads_by_share.get((name, share), ())}


def _root(share: Share) -> _Root:
    return share_root(share.path) or (share.server_id, share.name.casefold())


def _condition(w: Workload, subject: str, reason: str, remedy: str, terms: Terms, effort: str, lines: tuple[str, ...]) -> Finding:
    return Finding(NAME, w.id, subject, Effect.CONDITION, reason, remedy, terms.knowledge.efforts[effort], lines)
