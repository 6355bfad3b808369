"""The policy pack. It is the only place that builds a PolicyPack, whose constructor serves until the engine hangs up."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

# Pulumi runs this folder as a program of its own, wherever the project is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pulumi_policy.policy as sdk
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import deserialize_properties

from policies.dispatch import Register, judge_resources, register_at, report, selected
from policies.waivers import london_day

_SCHEMA = PolicyConfigSchema(
    properties={"exceptions": {"type": "string", "description": "The exception register; policies/exceptions.toml unless given."}}
)
_REGISTER = Path(__file__).resolve().parents[1] / "exceptions.toml"


def _keep_secrets() -> None:
    """The SDK shows secrets as plain text and loses that they were secret; it can keep the mark, so ask it to."""
    setattr(sdk, "deserialize_properties", partial(deserialize_properties, proxy_secrets=True))  # noqa: B010 - not in its public names


def _register(args: ResourceValidationArgs | StackValidationArgs) -> Register:
    named = args.get_config().get("exceptions")
    return register_at(Path(named) if named else _REGISTER)


def _one(mandatory: bool, args: ResourceValidationArgs, violation: ReportViolation) -> None:
    controls = selected(mandatory=mandatory, looks_around=False)
    found = judge_resources([args], controls, _register(args), london_day(datetime.now(UTC)))
    report(found, lambda message, _: violation(message, None))


def _all(mandatory: bool, args: StackValidationArgs, violation: ReportViolation) -> None:
    controls = selected(mandatory=mandatory, looks_around=True)
    report(judge_resources(args.resources, controls, _register(args), london_day(datetime.now(UTC))), violation)


def _policies() -> list[sdk.Policy]:
    built: list[sdk.Policy] = []
    for name, level, mandatory in (("golden-rules", EnforcementLevel.MANDATORY, True), ("advice", EnforcementLevel.ADVISORY, False)):
        built += [
            ResourceValidationPolicy(
                name=name,
                description=f"{name}: each resource by itself.",
                validate=partial(_one, mandatory),
                enforcement_level=level,
                config_schema=_SCHEMA,
            ),
            StackValidationPolicy(
                name=f"{name}-together",
                description=f"{name}: resources beside their neighbours.",
                validate=partial(_all, mandatory),
                enforcement_level=level,
                config_schema=_SCHEMA,
            ),
        ]
    return built


if __name__ == "__main__":
    _keep_secrets()
    PolicyPack(name="cloud-unless", policies=_policies(), enforcement_level=EnforcementLevel.MANDATORY)
