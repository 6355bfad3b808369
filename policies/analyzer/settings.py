"""The settings of the pack: the environment, the exception register, and levels that may be raised and never lowered.

Pulumi sends them by the names of policies (`--policy-pack-config FILE`), filled up with the levels that we declared. What is wrong is told
all at once, and stops the update: a pack whose settings cannot be read must not be a pack that says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from policies.environments import Environment, environments
from policies.errors import PoliciesError
from policies.model import Control
from policies.register import Register, read_register

RULES: Final = "golden-rules"
"""The policy that carries the pack's settings, and speaks for the pack itself: what was not judged, what was left out."""
OWN_REGISTER: Final = Path(__file__).resolve().parents[1] / "exceptions.toml"
_NAMED: Final = 5


class Level(IntEnum):
    """What a breach does, in the protocol's numbers (pulumi/analyzer.proto, EnforcementLevel)."""

    ADVISORY = 0
    MANDATORY = 1
    DISABLED = 2
    REMEDIATE = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What Pulumi sends for one policy."""

    level: int
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """By what a deployment is judged. `raised` are the ids of advisory controls that stop it all the same."""

    environment: Environment
    register: Register
    raised: frozenset[str] = frozenset()

    def level(self, control: Control) -> Level:
        """What a fail or an unknown of the control does here."""
        return Level.MANDATORY if self.environment.stopped_by(control) or control.id in self.raised else Level.ADVISORY


def declared(control: Control) -> Level:
    """What a control does where nobody set anything: what it does in production."""
    return Level.MANDATORY if environments()[0].stopped_by(control) else Level.ADVISORY


def schema() -> dict[str, Any]:
    """The JSON schema of each of the settings."""
    return {
        "environment": {
            "type": "string",
            "enum": [e.name for e in environments()],
            "description": f"Where this goes: it decides what stops a deployment. {environments()[0].name} unless given.",
        },
        "exceptions": {
            "type": "string",
            "minLength": 1,
            "description": "The whole path of the exception register; policies/exceptions.toml beside the pack unless given.",
        },
    }


def unset() -> Settings:
    """What counts when Pulumi sends no settings. Raises PoliciesError when the register is bad."""
    return read_settings({}, ())


def read_settings(given: Mapping[str, Given], controls: Sequence[Control]) -> Settings:
    """The settings that were sent, for these controls. Raises PoliciesError with every fault, those of the register among them."""
    faults = [*_strangers(given, controls), *_levels(given, controls)]
    written = dict(given[RULES].properties) if RULES in given else {}
    environment, register = environments()[0], Register()
    try:
        environment = _environment(written.pop("environment", environment.name))
    except PoliciesError as wrong:
        faults += wrong.faults
    try:
        register = _register(written.pop("exceptions", None))
    except PoliciesError as wrong:
        faults += wrong.faults
    faults += [f"{RULES}, key {key}: there is no such setting. Correct its name, or leave it out." for key in sorted(written)]
    if faults:
        raise PoliciesError(*faults)
    raised = {c.id for c in controls if c.id in given and given[c.id].level == Level.MANDATORY and declared(c) is not Level.MANDATORY}
    return Settings(environment, register, frozenset(raised))


def _environment(name: object) -> Environment:
    found = next((e for e in environments() if e.name == name), None)
    if found is None:
        known = ", ".join(e.name for e in environments())
        raise PoliciesError(f"{RULES}, key environment: {name!r} is none of {known}. Correct it, or leave it out for the first.")
    return found


def _register(path: object) -> Register:
    """The register named, which must be there; else our own, which may be absent where only the pack was installed."""
    if path is None:
        return read_register(OWN_REGISTER) if OWN_REGISTER.is_file() else Register()
    if not isinstance(path, str) or not path.strip():
        raise PoliciesError(f"{RULES}, key exceptions: must be the whole path of a register. Correct it, or leave it out.")
    if not Path(path).is_absolute():
        raise PoliciesError(
            f"{RULES}, key exceptions: {path} is not a whole path, and Pulumi does not say from where it counts. Write it out."
        )
    return read_register(Path(path))


def _strangers(given: Mapping[str, Given], controls: Sequence[Control]) -> list[str]:
    known = {RULES, *(c.id for c in controls)}
    unknown = sorted(set(given) - known)
    faults = [f"{name}: no control has this id. Correct it (docs/reference/controls.md), or leave it out." for name in unknown]
    for name in sorted((set(given) & known) - {RULES}):
        if keys := ", ".join(sorted(given[name].properties)):
            faults.append(f"{name}: a control has no settings of its own ({keys}). Those of the pack stand under {RULES}.")
    return faults


def _levels(given: Mapping[str, Given], controls: Sequence[Control]) -> list[str]:
    """What is wrong with the levels: one that protocol or pack does not have, one that is lower than declared."""
    strict = {c.id: declared(c) for c in controls} | {RULES: Level.MANDATORY}
    levels = sorted((name, held.level) for name, held in given.items())
    faults = [
        f"{name}: {level} is no level of enforcement that is known. Update cloud-unless." for name, level in levels if level > max(Level)
    ]
    if mending := [name for name, level in levels if level == Level.REMEDIATE]:
        faults.append(f"{_listed(mending)}: the pack judges and mends nothing (remediate). Write mandatory.")
    if lowered := [name for name, level in levels if name in strict and _is_lower(level, strict[name])]:
        faults.append(
            f"{_listed(lowered)}: settings may raise a level and never lower it. Enter an exception for the subject in the register, "
            f"or name the environment under {RULES}."
        )
    return faults


def _is_lower(level: int, strict: Level) -> bool:
    return level == Level.DISABLED or (level == Level.ADVISORY and strict is Level.MANDATORY)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
