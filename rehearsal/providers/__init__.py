"""Pretend resource providers for the real Pulumi CLI: it runs the same stacks, and Azure is our file.

`launchers` writes the executables that Pulumi looks for on PATH; `__main__` is what they run; `servicer` speaks Pulumi's provider
protocol, and `resources` answers, by the same rules as the rehearsal's own engine.
"""

from __future__ import annotations

from typing import Final

PACKAGES: Final = ("azure-native", "azuread")
