"""Settings of the Dynamics stack: `Pulumi.dynamics.yaml`."""

from __future__ import annotations

from pydantic import Field

from stacks.settings import Council, Guid, Part, Settings


class Pipeline(Part):
    """The pipeline that deploys solutions: it signs in by its own token, so that no secret is stored."""

    issuer: str = Field(pattern=r"^https://\S+$", description="who issues the pipeline's tokens")
    subject: str = Field(min_length=1, description="which pipeline: repo:council/customer-service:environment:production")


class DynamicsSettings(Settings):
    """The customer service platform."""

    council: Council
    tenant: Guid
    model: str = Field(default="stacks/dynamics/model", description="the folder of environments.toml, tables.toml and forms.toml")
    owners: tuple[Guid, ...] = Field(min_length=1, description="ids of the people who answer for the groups and the registration")
    pipeline: Pipeline | None = None
    protect: bool = True
