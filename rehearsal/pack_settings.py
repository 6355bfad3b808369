"""A policy pack's folder and a person's settings for it, read as Pulumi reads them: PulumiPolicy.yaml and `--policy-pack-config FILE`.

Settings fill up what the pack declares (pkg/resource/analyzer/config.go of pulumi/pulumi, read 2026-11-25): defaults of its schemas, then
`all`, then each policy's own. What the pack's JSON schemas say of values is left to the pack.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict

from rehearsal.errors import RehearsalError
from rehearsal.project import checked

LEVELS: Final = {"advisory": 0, "mandatory": 1, "disabled": 2, "remediate": 3}
"""The protocol's numbers (pulumi/analyzer.proto, EnforcementLevel)."""
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class PolicyPack:
    """What to judge by: the folder with PulumiPolicy.yaml, and perhaps a file of settings."""

    folder: Path
    settings: Path | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy's level, None where only others say it, and its settings."""

    level: int | None = None
    properties: Mapping[str, Any] | None = None


class _PackFile(BaseModel):
    model_config = ConfigDict(extra="allow")

    runtime: str | dict[str, Any]
    version: str = ""


def pack_version(pack: PolicyPack) -> str:
    """The version that a pack says it has, which goes before the one of its program. Raises RehearsalError when it cannot be run here."""
    file = pack.folder / "PulumiPolicy.yaml"
    if not file.is_file():
        raise RehearsalError(f"{pack.folder} holds no PulumiPolicy.yaml. Name the folder of a policy pack, such as policies/pack.")
    held = checked(_PackFile, file)
    runtime = held.runtime if isinstance(held.runtime, str) else str(held.runtime.get("name", ""))
    if runtime != "python":
        raise RehearsalError(f"{file}, key runtime: {runtime or 'nothing'} cannot be rehearsed. Only packs in python can.")
    if not (pack.folder / "__main__.py").is_file():
        raise RehearsalError(f"{pack.folder} holds no __main__.py, with which a policy pack in python begins. Name the right folder.")
    return held.version


def read_pack_settings(file: Path | None) -> dict[str, Policy]:
    """What a person set, by the names of policies. Raises RehearsalError with every fault of the file."""
    if file is None:
        return {}
    try:
        held: Any = json.loads(file.read_text("utf-8-sig") or "{}")
    except OSError as wrong:
        raise RehearsalError(f"{file}: cannot be read ({wrong.strerror or wrong}). Correct the path.") from wrong
    except (ValueError, RecursionError) as wrong:
        raise RehearsalError(f"{file}: is not readable as JSON: {wrong}. Mend the line that it names.") from wrong
    if not isinstance(held, dict):
        raise RehearsalError(f"{file}: holds no JSON object. Write policies' names and their settings.")
    entries = cast("dict[str, Any]", held)
    faults = [f for name, written in entries.items() for f in _wrong(f"{file}, key {name}", written)]
    if faults:
        raise RehearsalError(*faults)
    return {name: _policy(written) for name, written in entries.items()}


def filled(declared: Mapping[str, Policy], given: Mapping[str, Policy]) -> dict[str, Policy]:
    """The settings as the pack is sent them. A name that the pack does not know is sent too: the pack is to refuse it."""
    everywhere = given.get(_ALL, Policy()).level
    found = {n: p if everywhere is None else replace(p, level=everywhere) for n, p in declared.items()}
    for name, policy in given.items():
        if name == _ALL:
            continue
        before = found.get(name, Policy())
        level = before.level if policy.level is None else policy.level
        found[name] = Policy(level, {**(before.properties or {}), **(policy.properties or {})})
    return found


def nameless(settings: Mapping[str, Policy]) -> Iterable[str]:
    """A sentence for each policy that has no level, as the engine refuses them: one that the pack does not have."""
    return (f"{n}: the pack has no policy of this name. Correct it, or leave it out." for n, p in settings.items() if p.level is None)


def _wrong(where: str, written: object) -> list[str]:
    level = cast("dict[str, Any]", written).get("enforcementLevel") if isinstance(written, dict) else written
    if not isinstance(written, (str, dict)):
        return [f"{where}: must be a level or an object of settings. Correct it."]
    known = ", ".join(LEVELS)
    return [f"{where}: {level!r} is no level. Write one of {known}."] if level is not None and level not in [*LEVELS] else []


def _policy(written: str | dict[str, Any]) -> Policy:
    if isinstance(written, str):
        return Policy(LEVELS[written])
    level = written.get("enforcementLevel")
    return Policy(None if level is None else LEVELS[level], {k: v for k, v in written.items() if k != "enforcementLevel"})
