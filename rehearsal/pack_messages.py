# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Resources as Pulumi's engine describes them to a policy pack (pulumi/analyzer.proto)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from rehearsal import urns
from rehearsal.state import State
from rehearsal.values import to_struct


def before(state: State, held: Mapping[str, State]) -> analyzer_pb2.AnalyzeRequest:
    """A resource that is about to be made: what is asked for. `held` are all resources by their URNs."""
    return analyzer_pb2.AnalyzeRequest(
        type=state.type,
        properties=_properties(state.inputs),
        urn=state.urn,
        name=urns.name_of(state.urn),
        options=_options(state),
        provider=_provider(state, held),
    )


def after(state: State, held: Mapping[str, State]) -> analyzer_pb2.AnalyzerResource:
    """A resource among all of its stack: what the cloud answered, and what it is made from."""
    made_from = {k: analyzer_pb2.AnalyzerPropertyDependencies(urns=v) for k, v in state.property_dependencies.items() if v}
    return analyzer_pb2.AnalyzerResource(
        type=state.type,
        properties=_properties(state.outputs),
        urn=state.urn,
        name=urns.name_of(state.urn),
        options=_options(state),
        provider=_provider(state, held),
        parent=state.parent,
        dependencies=state.dependencies,
        propertyDependencies=made_from,
    )


def _properties(held: Mapping[str, Any]) -> struct_pb2.Struct:
    """Without the keys that only Pulumi's own providers know."""
    return to_struct({k: v for k, v in held.items() if not k.startswith("__")})


def _options(state: State) -> analyzer_pb2.AnalyzerResourceOptions:
    timeouts = analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(**state.custom_timeouts)
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=state.protect,
        ignoreChanges=state.ignore_changes,
        additionalSecretOutputs=state.additional_secret_outputs,
        customTimeouts=timeouts,
        parent=state.parent,
    )


def _provider(state: State, held: Mapping[str, State]) -> analyzer_pb2.AnalyzerProviderResource | None:
    found = held.get(state.provider.rpartition("::")[0])
    if found is None:
        return None
    name, properties = urns.name_of(found.urn), _properties(found.inputs)
    return analyzer_pb2.AnalyzerProviderResource(type=found.type, properties=properties, urn=found.urn, name=name)
