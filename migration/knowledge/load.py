"""Read and check the knowledge files. Every mistake is a sentence that names the file and the key, all at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from migration.errors import MigrationError
from migration.knowledge import files
from migration.knowledge.carbon_model import CarbonFacts
from migration.knowledge.check import faults_of
from migration.knowledge.disk_model import DiskFacts
from migration.knowledge.model import (
    Contracts,
    FileNote,
    InterfaceRules,
    Knowledge,
    Release,
    Reliability,
    Relocation,
    Series,
    Size,
    Weights,
)
from migration.knowledge.operation_model import Operation
from migration.model import Price

FOLDER = Path(__file__).parent
FILES: Mapping[str, type[files.Head]] = {
    "lifecycles": files.Lifecycles,
    "names": files.Names,
    "platforms": files.Platforms,
    "sizes": files.Sizes,
    "use": files.Use,
    "prices": files.Prices,
    "ties": files.Ties,
    "classifications": files.Classifications,
    "licences": files.Licences,
    "saas": files.Saas,
    "efforts": files.Efforts,
    "reliability": files.ReliabilityFile,
    "recovery": files.Recovery,
    "residency": files.Residency,
    "contracts": files.ContractsFile,
    "interfaces": files.Interfaces,
    "retail-meters": files.RetailMeters,
    "authentication": files.Authentication,
    "machines": files.Machines,
    "security": files.Security,
    "weights": files.WeightsFile,
    "relocation": files.RelocationFile,
    "network": files.Network,
    "devices": files.Devices,
    "batch": files.Batch,
    "skills": files.Skills,
    "carbon": files.CarbonFile,
    "disks": files.Disks,
}
_T = TypeVar("_T", bound=files.Head)


def load_knowledge(folder: Path = FOLDER) -> Knowledge:
    """Everything known, from the TOML files of `folder`; the caller keeps it, for this reads every file.

    Raises MigrationError with every mistake of every file.
    """
    held: dict[str, files.Head] = {}
    faults: list[str] = []
    for name, shape in FILES.items():
        try:
            held[name] = read_knowledge_file(folder / f"{name}.toml", shape, f"cloud-unless/{name}/1")
        except MigrationError as wrong:
            faults += wrong.faults
    if faults:
        raise MigrationError(*faults)
    knowledge = _assemble(held)
    if faults := list(faults_of(knowledge)):
        raise MigrationError(*faults)
    return knowledge


def read_knowledge_file(file: Path, shape: type[_T], wanted: str) -> _T:
    """One TOML file in its shape and of the format wanted. Raises MigrationError with every mistake."""
    try:
        held = tomllib.loads(file.read_text("utf-8"))
        read = TypeAdapter(shape).validate_python(held)
    except OSError as wrong:
        raise MigrationError(f"{file} cannot be read: {wrong.strerror}. Install the toolkit again.") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise MigrationError(f"{file} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    except ValidationError as wrong:
        sentences = [f"{file}, key {'.'.join(str(p) for p in e['loc'])}: {e['msg']}. Correct the value." for e in wrong.errors()]
        raise MigrationError(*sentences) from wrong
    if read.format != wanted:
        raise MigrationError(f"{file}: format is {read.format!r}, not {wanted!r}. This version of the toolkit cannot read it.")
    return read


def _assemble(held: Mapping[str, files.Head]) -> Knowledge:
    def of(name: str, shape: type[_T]) -> _T:
        return cast("Any", held[name])

    lifecycles, names = of("lifecycles", files.Lifecycles), of("names", files.Names)
    platforms = of("platforms", files.Platforms)
    sizes, ties = of("sizes", files.Sizes), of("ties", files.Ties)
    disks = of("disks", files.Disks)
    moved = of("relocation", files.RelocationFile)
    classes, licences = of("classifications", files.Classifications), of("licences", files.Licences)
    return Knowledge(
        files=tuple(FileNote(f"{n}.toml", h.date, h.stale_after, h.source) for n, h in held.items()),
        warn_days=lifecycles.rules.warn_days,
        releases=_releases(lifecycles),
        products=names.product,
        systems=names.system,
        engines=names.engine,
        platforms={s.kind: s for s in platforms.service},
        tiers=platforms.tier,
        file_services=platforms.files,
        web=platforms.web,
        desktop=platforms.desktop,
        series=_series(sizes, disks),
        retiring=sizes.retiring,
        sizing=sizes.rules,
        use=of("use", files.Use).use,
        prices=_prices(of("prices", files.Prices)),
        ties=ties.tie,
        links=ties.link,
        latency=ties.latency,
        limits=of("machines", files.Machines).limits,
        boot=of("machines", files.Machines).boot,
        posture=of("security", files.Security).posture,
        classifications={c.name: c for c in classes.classification},
        personal_data=classes.personal_data,
        licence_terms=licences.term,
        licence_families={f.name: f for f in licences.family},
        categories=of("saas", files.Saas).category,
        efforts=of("efforts", files.Efforts).days,
        reliability=_reliability(of("reliability", files.ReliabilityFile)),
        recovery={s.kind: s for s in of("recovery", files.Recovery).service},
        places=of("residency", files.Residency).place,
        contracts=_contracts(of("contracts", files.ContractsFile)),
        interfaces=_interfaces(of("interfaces", files.Interfaces)),
        disks=DiskFacts(disks.tier, disks.flexible, disks.machine),
        carbon=_carbon(of("carbon", files.CarbonFile)),
        relocation=Relocation(moved.service, moved.least_hosts),
        operation=_operation(
            of("network", files.Network), of("devices", files.Devices), of("batch", files.Batch), of("skills", files.Skills)
        ),
        weights=_weights(of("weights", files.WeightsFile)),
        retail_meters=of("retail-meters", files.RetailMeters).meter,
        runtimes=names.runtime,
        authentication=of("authentication", files.Authentication).way,
    )


def _weights(held: files.WeightsFile) -> Weights:
    return Weights(held.condition_percent, held.group, tuple(sorted(held.band, key=lambda b: -b.least)))


def _releases(lifecycles: files.Lifecycles) -> Mapping[str, Release]:
    return {
        f"{key}/{r.release}": Release(key, r.release, product.title, r.ends, r.extended_ends)
        for key, product in lifecycles.product.items()
        for r in product.releases
    }


def _reliability(held: files.ReliabilityFile) -> Reliability:
    return Reliability(**vars(held.rules), designs=held.design)


def _contracts(held: files.ContractsFile) -> Contracts:
    return Contracts(held.rules.statement_holds_days, held.statement, held.rules.reassuring)


def _interfaces(held: files.Interfaces) -> InterfaceRules:
    return InterfaceRules(held.rules.many, held.rules.unsaid_days, held.days)


def _operation(network: files.Network, devices: files.Devices, batch: files.Batch, skills: files.Skills) -> Operation:
    least = batch.rules.least_room_percent
    return Operation(network.jitter, network.multicast, devices.used_on, devices.attached, least, skills.skill)


def _series(sizes: files.Sizes, disks: files.Disks) -> tuple[Series, ...]:
    """The series, each size with what it can use of its disks."""
    most = {name: (iops, mbps) for m in disks.machine for name, iops, mbps in m.sizes}

    def with_disks(size: Size) -> Size:
        iops, mbps = most.get(size.name, (0, 0))
        return replace(size, most_iops=iops, most_mbps=mbps)

    return tuple(replace(s, sizes=tuple(with_disks(size) for size in s.sizes)) for s in sizes.series)


def _carbon(held: files.CarbonFile) -> CarbonFacts:
    return CarbonFacts(held.grid, held.overhead, held.processor, held.storage, held.copies, held.left_out)


def _prices(held: files.Prices) -> Mapping[tuple[str, str], Price]:
    return {
        (sku, region): Price(sku, region, pence, held.date_of[key], held.source_of[key])
        for sku, region, _dollars, pence, key in held.prices
        if pence > 0
    }
