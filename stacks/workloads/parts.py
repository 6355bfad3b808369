"""What a request asks for besides databases and shares, built from one table of its kinds."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from stacks.components.api_management import ApiManagement, ApiSpec
from stacks.components.blob_storage import BlobsSpec, BlobStorage
from stacks.components.container_apps import ContainerApps, ContainerSpec, ContainersPlace
from stacks.components.function_storage import FunctionStorage
from stacks.components.netapp_files import NetAppFiles, VolumeSpec
from stacks.components.sftp import Sftp, SftpSpec, SftpUserSpec
from stacks.components.web_app import WebApp, WebPlace, WebSpec
from stacks.components.web_runtimes import runtimes
from stacks.workloads.ground import Ground
from stacks.workloads.kinds import storage_kind
from stacks.workloads.machines import build_desktops, build_machines


def build_parts(ground: Ground) -> None:
    """Build every part of the request, kind by kind."""
    for build in _KINDS:
        build(ground)


def _storage(ground: Ground) -> None:
    for asked in ground.request.storage:
        spec = BlobsSpec(
            id=asked.id,
            containers=asked.containers,
            kind=storage_kind(ground.care, ground.spread),
            recover_days=ground.care.days,
            immutable_days=asked.immutable_days,
            cool_after_days=asked.cool_after_days,
            delete_after_days=asked.delete_after_days,
            replicates=asked.vaulted,
        )
        made = BlobStorage(spec, ground.site, ground.place, ground.opts, ground.key)
        ground.backups.stands(asked.id, made.account.name, made.account.id)


def _sftp(ground: Ground) -> None:
    for asked in ground.request.sftp:
        users = [SftpUserSpec(u.name, u.public_key, u.access) for u in asked.user]
        kind = storage_kind(ground.care, ground.spread)
        spec = SftpSpec(asked.id, users, kind, ground.care.days, asked.delete_after_days)
        Sftp(spec, ground.site, ground.place, ground.opts, ground.key)


def _web(ground: Ground) -> None:
    where = WebPlace(ground.place, ground.subnet("web"), ground.vault_id)
    for asked in ground.request.web:
        spec = WebSpec(
            id=asked.id,
            runtime=runtimes()[asked.runtime],
            linux=asked.system == "linux",
            size=asked.size,
            instances=ground.care.instances,
            spread=ground.spread,
            # A function and its slot would take each other for one host in the storage that they share.
            slot=ground.care.slot and asked.kind == "web",
            health_path=asked.health_path,
        )
        kind = storage_kind(ground.care, ground.spread)
        host = FunctionStorage(asked.id, kind, ground.site, ground.place, ground.opts) if asked.kind == "function" else None
        WebApp(spec, ground.site, where, ground.opts, host)


def _containers(ground: Ground) -> None:
    asked = ground.request.container
    if not asked:
        return
    least = ground.care.instances
    specs = [ContainerSpec(c.id, c.image, c.port, c.cpu, min(least, c.most_replicas), c.most_replicas) for c in asked]
    where = ContainersPlace(ground.place, ground.subnet("containers"), ground.hub_network_id, ground.vault_id)
    ContainerApps(ground.request.id, specs, ground.spread, ground.site, where, ground.opts)


def _volumes(ground: Ground) -> None:
    """The volumes of one workload stand in one zone: to spread them would need as many accounts and a copy between them."""
    asked = ground.request.volume
    if not asked:
        return
    zone = "1" if ground.spread else ""
    specs = [VolumeSpec(v.id, ceil(v.storage_gb), v.level, str(ground.addresses), zone) for v in asked]
    subnet = ground.subnet("volumes")
    NetAppFiles(ground.request.id, specs, ground.backups.plan, ground.site, ground.place, subnet, ground.opts)


def _apis(ground: Ground) -> None:
    for asked in ground.request.api:
        spec = ApiSpec(asked.id, ground.settings.council.name, asked.contact, asked.units, asked.closed)
        ApiManagement(spec, ground.site, ground.place, ground.subnet("apis"), ground.opts)


# A kind that is added to requests is added here, and nowhere else.
_KINDS: tuple[Callable[[Ground], None], ...] = (build_machines, _storage, _sftp, _web, _containers, _volumes, _apis, build_desktops)
