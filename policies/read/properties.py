"""Property values as Pulumi writes them, with unknowns, secrets and references recognised.

The signatures and sentinels are those of the engine (pulumi/pulumi, sdk/go/common/resource/properties.go and
sdk/go/common/resource/plugin/rpc.go) and of the policy SDK's proxy.py, version 1.21.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from policies.model import SECRET, UNKNOWN

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how Pulumi marks a secret, not one
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN_SENTINELS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def known(value: object) -> Any:
    """The value as plain data in which unknowns are UNKNOWN and secrets are SECRET, whatever a secret holds.

    A text that merely contains a sentinel (made by joining it to others) is unknown as a whole.
    """
    if isinstance(value, str):
        return UNKNOWN if len(value) >= 36 and any(s in value for s in UNKNOWN_SENTINELS) else value
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value)
        return _signed(held) if SIGNATURE in held else {str(k): known(v) for k, v in held.items()}
    if isinstance(value, (list, tuple)):
        return [known(v) for v in cast("list[Any]", value)]
    return value


def known_inputs(value: object) -> dict[str, Any]:
    """A resource's inputs as plain data; the internal inputs of Pulumi's providers (`__…`) are left out."""
    if not isinstance(value, Mapping):
        return {}
    held = cast("Mapping[str, Any]", value)
    return {str(k): known(v) for k, v in held.items() if not str(k).startswith("__")}


def _signed(held: Mapping[str, Any]) -> Any:
    signature = held[SIGNATURE]
    if signature == SECRET_SIGNATURE:
        return SECRET
    if signature == OUTPUT_SIGNATURE:
        return SECRET if held.get("secret") else known(held["value"]) if "value" in held else UNKNOWN
    if signature == REFERENCE_SIGNATURE:
        return known(held.get("id") or held.get("urn") or "")
    return {str(k): known(v) for k, v in held.items() if k != SIGNATURE}
