"""What a rehearsal of one stack left, for tests to look at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rehearsal import Preview, rehearse

ROOT = Path(__file__).parents[2]
DATA = "../shared/data"
REQUESTS = {"requests": "tests/cases/stacks-requests/good", "mysql_password": "only-for-rehearsal-0123"}

PARTS = {
    "requests": "tests/cases/stacks-requests/parts",
    "addresses": json.dumps({"range": "10.101.0.0/16", "networks": {"portal": "10.101.2.0/23"}}),
}

# Three councils on one platform: Exampleborough's own, Westbourne in the same tenant, Kingsmead with a tenant of its own.
_KINGSMEAD = {
    "tenant": "7e0c3a52-0000-4000-8000-0000000000e0",
    "subscriptions": ["7e0c3a52-0000-4000-8000-000000000061"],
    "people": {"operators": "7e0c3a52-0000-4000-8000-0000000000e1", "builders": "7e0c3a52-0000-4000-8000-0000000000e2"},
}
_WESTBOURNE = {
    "name": "Westbourne Council",
    "monthly_pounds": 4000,
    "contacts": ["cloud@westbourne.example"],
    "readers": "7e0c3a52-0000-4000-8000-0000000000d1",
    "corp": ["7e0c3a52-0000-4000-8000-000000000051"],
}
SHARING = {
    "councils": json.dumps({"wcc": _WESTBOURNE, "kcc": {"name": "Kingsmead Council", "delegated": _KINGSMEAD}}),
    "hub": json.dumps({"address_space": "10.100.0.0/23", "spokes": "10.104.0.0/14", "on_premise": ["10.0.0.0/12"]}),
}
VENDED = {
    "requests": "tests/cases/stacks-requests/vended",
    "vending": json.dumps(
        {
            "billing_scope": "/providers/Microsoft.Billing/billingAccounts/1234567/enrollmentAccounts/765432",
            "group_owners": ["7e0c3a52-0000-4000-8000-0000000000b1"],
        }
    ),
    "councils": json.dumps(
        {
            "wcc": {
                "name": "Westbourne Council",
                "owner": "Head of ICT",
                "cost_centre": "W-100",
                "subscription": "7e0c3a52-0000-4000-8000-000000000051",
                "contacts": ["cloud@westbourne.example"],
            },
            "kcc": {"name": "Kingsmead Council", "owner": "Head of ICT", "cost_centre": "K-1", "tenant": _KINGSMEAD["tenant"]},
        }
    ),
    "addresses": json.dumps({"range": "10.104.0.0/16", "councils": {"wcc": ["10.105.0.0/24", "10.106.0.0/16"], "kcc": ["10.107.0.0/16"]}}),
}


@dataclass(frozen=True)
class Rehearsed:
    """A preview with the file of its state, so that a test can rehearse again upon it."""

    preview: Preview
    state: Path

    @property
    def states(self) -> list[Mapping[str, Any]]:
        """Every resource's state."""
        return [s.new for s in self.preview.steps if s.new is not None]

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the stack exports."""
        return cast("Mapping[str, Any]", self.preview.outputs or {})

    def of(self, type_: str) -> list[Mapping[str, Any]]:
        """States of one type."""
        return [s for s in self.states if s["type"] == type_]

    def inputs(self, type_: str) -> list[dict[str, Any]]:
        """Inputs of one type's resources."""
        return [cast("dict[str, Any]", s["inputs"]) for s in self.of(type_)]

    @property
    def arm_types(self) -> set[str]:
        """The resource types that were made, as Azure calls them."""
        return {_arm_type(s["id"]) for s in self.states if s["type"].startswith("azure-native:")}

    def again(self, config: Mapping[str, str] | None = None) -> Preview:
        """What would change."""
        return rehearse(ROOT, self.preview.stack, self.state, config=config, preview_only=True)


def _arm_type(identity: str) -> str:
    if "/providers/" not in identity:
        return "Microsoft.Resources/subscriptions/resourceGroups"
    space, *names = identity.rsplit("/providers/", 1)[1].split("/")
    return "/".join([space, *names[::2]])


# The folder of each release of the Azure Landing Zones library that is at hand.
LIBRARIES = {"2026.04.2": f"{DATA}/azure-landing-zones-library", "2026.01.3": f"{DATA}/azure-landing-zones-library-2026.01.3"}


def library_config(version: str = "2026.04.2", **changes: Any) -> Mapping[str, str]:
    """Settings of a landing zone upon a release of the library."""
    source = {
        "path": LIBRARIES[version],
        "version": version,
        "built_ins": f"{DATA}/azure-policy",
        "leave_out": {"Enable-DDoS-VNET": "no DDoS plan is bought"},
    }
    return {"architecture": json.dumps({"library": {**source, **changes}})}
