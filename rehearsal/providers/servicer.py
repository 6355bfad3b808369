# ruff: noqa: N802 - the methods are named by the protocol
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
"""Pulumi's provider protocol (pulumi/provider.proto): each call translated for `resources` and its answer back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, NoReturn, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal import clouds, diff, urns
from rehearsal.errors import RehearsalError
from rehearsal.providers.resources import Resources
from rehearsal.values import from_struct, to_struct

_KINDS = {
    "add": provider_pb2.PropertyDiff.ADD,
    "add-replace": provider_pb2.PropertyDiff.ADD_REPLACE,
    "delete": provider_pb2.PropertyDiff.DELETE,
    "delete-replace": provider_pb2.PropertyDiff.DELETE_REPLACE,
    "update": provider_pb2.PropertyDiff.UPDATE,
    "update-replace": provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One package's provider. What it does not do (components, methods, parameters) the stubs answer as unimplemented."""

    def __init__(self, package: str, resources: Resources) -> None:
        """Answer for the package out of `resources`."""
        self._package = package
        self._version = version(f"pulumi-{package}")
        self._resources = resources

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """What this provider can take: secrets, marked as such."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version of the SDK package that it stands for."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """An engine that found us running."""
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Nothing here takes long enough to be cancelled."""
        return empty_pb2.Empty()

    def GetSchema(self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext) -> provider_pb2.GetSchemaResponse:
        """The package by name and version; programs bring their own SDK."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": self._package, "version": self._version}))

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Any configuration will do."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """A provider with another configuration is still the same one."""
        return _differs("", tuple(diff.changes(from_struct(request.old_inputs), from_struct(request.news))))

    def Configure(self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        """Who and where the pretend deployment is."""
        self._resources.config = from_struct(request.args)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """The inputs with names filled in."""
        olds, news = from_struct(request.olds), from_struct(request.news)
        inputs = self._resources.checked(_type(request), request.urn, olds, news)
        return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """What differs in the inputs."""
        news = diff.with_ignored(from_struct(request.old_inputs), from_struct(request.news), request.ignoreChanges)
        return _differs(_type(request), self._resources.changes(_type(request), from_struct(request.old_inputs), news))

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Make a resource."""
        try:
            made = self._resources.create(_type(request), request.urn, from_struct(request.properties), preview=request.preview)
        except RehearsalError as wrong:
            _refuse(context, wrong)
        return provider_pb2.CreateResponse(id=made.id, properties=to_struct(made.outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """A resource as it is; without an id when it does not exist."""
        try:
            found = self._resources.read(_type(request), request.id, from_struct(request.inputs), from_struct(request.properties))
        except RehearsalError as wrong:
            _refuse(context, wrong)
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, inputs=to_struct(found.inputs), properties=to_struct(found.outputs))

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change a resource in place."""
        news = diff.with_ignored(from_struct(request.old_inputs), from_struct(request.news), request.ignoreChanges)
        try:
            made = self._resources.update(_type(request), request.urn, request.id, news, preview=request.preview)
        except RehearsalError as wrong:
            _refuse(context, wrong)
        return provider_pb2.UpdateResponse(properties=to_struct(made.outputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Take a resource away."""
        try:
            self._resources.delete(_type(request), request.urn, request.id)
        except RehearsalError as wrong:
            _refuse(context, wrong)
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """A function of the package."""
        try:
            answer = self._resources.call(request.tok, from_struct(request.args))
        except RehearsalError as wrong:
            _refuse(context, wrong)
        if answer is None:
            told = f"The pretend cloud has no answer to the function {request.tok}. Pass the value in by configuration."
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=told)])
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response


def _type(request: Any) -> str:
    return cast("str", request.type) or urns.type_of(request.urn)


def _differs(type_: str, found: Sequence[diff.Change]) -> provider_pb2.DiffResponse:
    heads = [str(c.path[0]) for c in found if c.path]
    replaces = [str(c.path[0]) for c in found if c.path and c.replaces]
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(dict.fromkeys(heads)),
        replaces=list(dict.fromkeys(replaces)),
        deleteBeforeReplace=bool(replaces) and clouds.deletes_before_replacing(type_),
        detailedDiff={diff.written(c.path): provider_pb2.PropertyDiff(kind=_KINDS[c.told], inputDiff=True) for c in found},
        hasDetailedDiff=True,
    )


def _refuse(context: grpc.ServicerContext, wrong: RehearsalError) -> NoReturn:
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, " ".join(wrong.faults))
    raise AssertionError  # `abort` has raised
