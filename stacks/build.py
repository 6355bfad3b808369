"""From a stack's configuration to the stack: which one it is, its settings, its resources."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from stacks.config import StackConfig
from stacks.errors import StacksError


def build(config: StackConfig) -> None:
    """Build the stack that `config` names with its key `stack`.

    Raises StacksError with every fault before the first resource is registered.
    """
    named = config.values.get("stack", "")
    if named not in STACKS:
        raise StacksError(config.fault("stack", _which(named)))
    STACKS[named](config)


def _which(named: str) -> str:
    near = difflib.get_close_matches(named, STACKS, n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return f"say which stack this is: {', '.join(STACKS)}{hint}"


# Each stack imports its own cloud's package when it is built: azure-native alone takes a second to import.
def _landing_zone(config: StackConfig) -> None:
    from stacks.landing_zone.stack import build as build_stack
    from stacks.landing_zone.wanted import wanted

    build_stack(wanted(config))


def _workloads(config: StackConfig) -> None:
    from stacks.workloads.stack import build as build_stack
    from stacks.workloads.wanted import wanted

    build_stack(wanted(config))


def _microsoft365(config: StackConfig) -> None:
    from stacks.microsoft365.personas import read_personas
    from stacks.microsoft365.settings import Microsoft365Settings
    from stacks.microsoft365.stack import build as build_stack
    from stacks.settings import parse

    settings = parse(config, Microsoft365Settings)
    build_stack(settings, read_personas(config.folder / settings.personas, settings.personas))


def _dynamics(config: StackConfig) -> None:
    from stacks.dynamics.described import read_model
    from stacks.dynamics.settings import DynamicsSettings
    from stacks.dynamics.stack import build as build_stack
    from stacks.settings import parse

    settings = parse(config, DynamicsSettings)
    build_stack(settings, read_model(config.folder / settings.model, settings.model))


STACKS: dict[str, Callable[[StackConfig], None]] = {
    "landing-zone": _landing_zone,
    "workloads": _workloads,
    "microsoft365": _microsoft365,
    "dynamics": _dynamics,
}
