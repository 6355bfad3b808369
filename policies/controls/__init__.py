"""Controls: small pure functions, each listed here through its module. Nothing is found by looking around."""

from __future__ import annotations

from typing import Final

from policies.controls import (
    compute,
    data,
    databases,
    exceptions,
    governance,
    identity,
    key_vault,
    monitoring,
    network,
    network_edge,
    obligations,
    portfolio,
    renewals,
    runbooks,
    storage,
    web,
)
from policies.model import Control

CONTROLS: Final[tuple[Control, ...]] = (
    *storage.CONTROLS,
    *key_vault.CONTROLS,
    *network.CONTROLS,
    *network_edge.CONTROLS,
    *compute.CONTROLS,
    *databases.CONTROLS,
    *web.CONTROLS,
    *monitoring.CONTROLS,
    *governance.CONTROLS,
    *identity.CONTROLS,
    *portfolio.CONTROLS,
    *data.CONTROLS,
    *exceptions.CONTROLS,
    *renewals.CONTROLS,
    *runbooks.CONTROLS,
    *obligations.CONTROLS,
)
