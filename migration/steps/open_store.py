"""From a place in `targets.toml` to the store that is there. Each kind loads its own cloud's client when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from migration.steps.endpoints import BlobPlace, S3Place
from migration.steps.stores import Store


def open_store(place: S3Place | BlobPlace, environment: Mapping[str, str], connections: int) -> Store:
    """The store at that place, with the credentials that the environment holds. Raises StepError when they are missing."""
    if isinstance(place, S3Place):
        from migration.steps.store_s3 import S3Store

        return S3Store(place, environment, connections)
    from migration.steps.store_blob import BlobStore

    return BlobStore(place, environment, connections)
