"""Controls: small pure functions, each listed here through its module. Nothing is found by looking around."""

from __future__ import annotations

from typing import Final

from policies.controls import (
    access,
    compute,
    containers,
    data,
    databases,
    entra,
    exceptions,
    governance,
    identity,
    key_vault,
    kubernetes,
    machines,
    monitoring,
    network,
    network_edge,
    network_services,
    observation,
    portfolio,
    renewals,
    runbooks,
    storage,
    web,
    web_firewalls,
)
from policies.model import Control

CONTROLS: Final[tuple[Control, ...]] = (
    *storage.CONTROLS,
    *key_vault.CONTROLS,
    *network.CONTROLS,
    *network_edge.CONTROLS,
    *network_services.CONTROLS,
    *web_firewalls.CONTROLS,
    *compute.CONTROLS,
    *machines.CONTROLS,
    *kubernetes.CONTROLS,
    *containers.CONTROLS,
    *databases.CONTROLS,
    *web.CONTROLS,
    *monitoring.CONTROLS,
    *observation.CONTROLS,
    *governance.CONTROLS,
    *identity.CONTROLS,
    *access.CONTROLS,
    *entra.CONTROLS,
    *portfolio.CONTROLS,
    *data.CONTROLS,
    *exceptions.CONTROLS,
    *renewals.CONTROLS,
    *runbooks.CONTROLS,
)
