"""What requests need and the workloads stack does not give them, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from stacks.components.flexible_servers import takes_own_key
from stacks.request import Request
from stacks.vended import NEW
from stacks.workloads.data import care, hours_between_backups, shares_are_vaulted
from stacks.workloads.vending import kind
from stacks.workloads.wanted import Wanted

# azure-native 3.29.0 cannot do either: its issues 1722 and 3479, both open when read on 2026-11-24.
_NEW_SUBSCRIPTION = (
    "its new subscription must be told once what it may use, or machines and diagnostics are refused. Run: "
    "az provider register --namespace Microsoft.Insights; az feature register --namespace Microsoft.Compute "
    "--name EncryptionAtHost; each with --subscription and the id in the output subscriptions."
)


def shortfalls(wanted: Wanted) -> Iterator[str]:
    """Every shortfall of every live request, in their order."""
    for request in (r for r in wanted.requests if r.state == "live"):
        if kind(request, wanted.settings) == NEW:
            yield f"{request.id}: {_NEW_SUBSCRIPTION}"
        for said in _SHORTFALLS:
            yield from (f"{request.id}: {what}" for what in said(request))


def _backups_too_seldom(request: Request) -> Iterator[str]:
    hours = hours_between_backups(request.rpo_hours)
    if request.rpo_hours is None or not hours or hours <= request.rpo_hours:
        return
    singles = [s for s in request.server if s.count == 1]
    for what, asked in (("servers", singles), ("files", request.share)):
        if asked:
            yield (
                f"its {what} may lose {request.rpo_hours:g} hours and are backed up every {hours}; "
                "agree that with the service, or replicate them."
            )


def _files_kept_in_one_place(request: Request) -> Iterator[str]:
    """Vaulted backups of shares are daily: several a day stay in the account (stacks/components/share_backup.py)."""
    held = care(request.care)
    if request.share and held.second_region and not shares_are_vaulted(held, request.rpo_hours):
        names = ", ".join(s.id for s in request.share)
        yield (
            f"the files of {names} are backed up several times a day, which is done within their own storage account; "
            "whoever could destroy the account would destroy those too. Ask for rpo_hours of 24 or more to have daily copies in a vault."
        )


def _blobs_kept_in_one_place(request: Request) -> Iterator[str]:
    names = [s.id for s in request.storage if not s.vaulted and not s.immutable_days]
    if names and care(request.care).second_region:
        yield (
            f"the blobs of {', '.join(names)} come back to any moment of {care(request.care).days} days, but within their own account; "
            "a copy in a vault (vaulted = true) needs an exception, since Azure makes it by opening the account to a tenant of Microsoft's."
        )


def _immutable_blobs(request: Request) -> Iterator[str]:
    for asked in request.storage:
        if asked.immutable_days:
            yield (
                f"the blobs of {asked.id} cannot be changed for {asked.immutable_days} days and are not backed up besides; "
                "the policy is not locked yet: lock it by hand once its days are agreed, which can never be undone."
            )


def _exchanged_files(request: Request) -> Iterator[str]:
    """Azure backs up no account with a hierarchical namespace (stacks/components/sftp.py)."""
    for asked in request.sftp:
        yield f"deleted files of {asked.id} come back for {care(request.care).days} days; changed ones do not, and nothing backs them up."


def _sets(request: Request) -> Iterator[str]:
    for server in request.server:
        if server.count > 1:
            yield f"the machines of {server.id} are made anew when they break and are not backed up; keep nothing on them."


def _open_interfaces(request: Request) -> Iterator[str]:
    for api in request.api:
        if not api.closed:
            yield (
                f"{api.id} answers the internet, since Azure makes no other; once it stands, write closed = true in its request "
                "and run pulumi up again."
            )


def _desktops(request: Request) -> Iterator[str]:
    for desktop in request.desktop:
        yield (
            f"the machines of {desktop.id} are joined to Entra and not yet to their pool, which takes a token that must stand nowhere; "
            "see docs/guides/workload-components.md."
        )


def _volumes(request: Request) -> Iterator[str]:
    if request.volume and not care(request.care).second_region:
        names = ", ".join(v.id for v in request.volume)
        yield f"the volumes {names} have snapshots within themselves and are copied nowhere; agree that with the service."


def _images_to_push(request: Request) -> Iterator[str]:
    if waiting := [c.id for c in request.container if not c.image]:
        yield f"{', '.join(waiting)} has no image yet: push it to the workload's registry, and name it in the request."


def _keys_of_azures(request: Request) -> Iterator[str]:
    """NetApp's volumes want a key that encrypts and decrypts, and a role for that; ours wraps and unwraps (stacks/components/own_key.py).

    Source: Microsoft Learn, "Configure customer-managed keys for Azure NetApp Files" (MicrosoftDocs/azure-docs, read 2026-11-25).
    """
    if not request.own_key:
        return
    held = care(request.care)
    names = [d.id for d in request.database if not takes_own_key(d.kind, second_region=held.second_region)]
    if names := [*names, *(v.id for v in request.volume)]:
        yield f"{', '.join(names)} are encrypted by Azure's keys and not by the council's own; see docs/guides/workload-components.md."


_SHORTFALLS = (
    _backups_too_seldom,
    _files_kept_in_one_place,
    _blobs_kept_in_one_place,
    _immutable_blobs,
    _exchanged_files,
    _sets,
    _open_interfaces,
    _desktops,
    _volumes,
    _images_to_push,
    _keys_of_azures,
)
