"""`python -m console` is `unless`."""

from __future__ import annotations

from console.cli import main

main()
