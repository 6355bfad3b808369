"""The reference estate: Exampleborough, a fictional metropolitan council, as the files such a council would have."""

from __future__ import annotations

from pathlib import Path

_ORDER = (
    "RVTools_tabvInfo.csv",
    "RVTools_tabvPartition.csv",
    "RVTools_tabvNetwork.csv",
    "RVTools_tabvHost.csv",
    "servers-physical.csv",
    "applications.csv",
    "databases.csv",
    "shares.csv",
    "dependencies.csv",
    "interfaces.csv",
    "datasets.csv",
    "calendar.csv",
    "costs.csv",
    "personas.csv",
    "utilisation.csv",
    "exceptions.toml",
)


def folder() -> Path:
    """The folder that holds the estate's files and its `unless.toml`."""
    return Path(__file__).parent / "estate"


def files() -> list[Path]:
    """The files to import, in the order in which they build on one another: servers first, exceptions last."""
    return [folder() / name for name in _ORDER]
