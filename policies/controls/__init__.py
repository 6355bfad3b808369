"""Controls: small pure functions, each listed here through its module. Nothing is found by looking around."""

from __future__ import annotations

from typing import Final

from policies.controls import (
    api_gateways,
    artificial_intelligence,
    compute,
    data,
    data_flows,
    data_platforms,
    database_safeguards,
    databases,
    exceptions,
    file_services,
    governance,
    identity,
    key_vault,
    key_vault_contents,
    messaging,
    monitoring,
    network,
    network_edge,
    own_keys,
    platform_services,
    portfolio,
    private_endpoints,
    storage,
    storage_safeguards,
    web,
    web_safeguards,
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
    *storage_safeguards.CONTROLS,
    *file_services.CONTROLS,
    *key_vault_contents.CONTROLS,
    *database_safeguards.CONTROLS,
    *data_platforms.CONTROLS,
    *data_flows.CONTROLS,
    *web_safeguards.CONTROLS,
    *api_gateways.CONTROLS,
    *messaging.CONTROLS,
    *artificial_intelligence.CONTROLS,
    *platform_services.CONTROLS,
    *own_keys.CONTROLS,
    *private_endpoints.CONTROLS,
    *portfolio.CONTROLS,
    *data.CONTROLS,
    *exceptions.CONTROLS,
)
