# ruff: noqa: N802 - the methods are named by the protocol
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
"""The two gRPC services that a Pulumi program speaks to: the resource monitor and the engine.

They translate; `deployment.Deployment` decides. Every call is answered at once, one at a time.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    alias_pb2,
    callback_pb2,
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
    source_pb2,
)

from rehearsal.deployment import Deployment
from rehearsal.preview import Diagnostic
from rehearsal.registration import Answer, Registration
from rehearsal.transforms import transformed
from rehearsal.values import from_struct, to_struct

_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
_SEVERITIES = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The resource monitor of one deployment. `root` is the project's folder, for places in the source."""

    def __init__(self, deployment: Deployment, root: Path) -> None:
        """Serve this deployment."""
        self._deployment = deployment
        self._root = root
        self._lock = threading.Lock()
        self._packages: dict[str, tuple[str, str]] = {}
        self._transforms: list[callback_pb2.Callback] = []
        self.hooks: list[str] = []

    def GetDeploymentInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> resource_pb2.DeploymentInfo:
        """What this monitor can do."""
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest, context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        """What older SDKs ask instead."""
        names = {resource_pb2.ResourceMonitorFeature.Name(f).removeprefix("RESOURCE_MONITOR_FEATURE_").lower() for f in _FEATURES}
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in request.id)
        return resource_pb2.SupportsFeatureResponse(hasSupport=snake in names)

    def RegisterPackage(
        self, request: resource_pb2.RegisterPackageRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterPackageResponse:
        """A package with its version, by a short reference."""
        ref = f"{request.name}@{request.version}"
        self._packages[ref] = (request.name, request.version)
        return resource_pb2.RegisterPackageResponse(ref=ref)

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        """A resource that the program wants to exist."""
        if request.remote:
            return self._refuse(request, "is a component that another program builds (remote), which rehearsal cannot run")
        wanted = transformed(request, [*request.transforms, *self._transforms])
        with self._lock:
            answer = self._deployment.register(self._registration(wanted))
        return _registered(answer)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest, context: grpc.ServicerContext) -> resource_pb2.ReadResourceResponse:
        """A resource that exists without this program."""
        asked = Registration(
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=True,
            inputs=from_struct(request.properties),
            version=request.version or self._version(request.packageRef),
            provider=request.provider,
            dependencies=tuple(request.dependencies),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            source_position=self._position(request.sourcePosition),
        )
        with self._lock:
            answer = self._deployment.read(asked, request.id)
        result = resource_pb2.FAIL if answer.failed else resource_pb2.SUCCESS
        return resource_pb2.ReadResourceResponse(urn=answer.urn, id=answer.id, properties=to_struct(answer.outputs), result=result)

    def ExistsResource(
        self, request: resource_pb2.ExistsResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ExistsResourceResponse:
        """Nothing exists but what the program made."""
        return resource_pb2.ExistsResourceResponse(exists=self._deployment.has_id(request.id))

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """The outputs of a component or of the stack."""
        with self._lock:
            self._deployment.register_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest, context: grpc.ServicerContext) -> resource_pb2.ResourceInvokeResponse:
        """A provider's function."""
        try:
            with self._lock:
                answer = self._deployment.call(request.tok, from_struct(request.args))
        except LookupError as unknown:
            return _uninvoked(str(unknown.args[0]))
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response

    def Call(self, request: resource_pb2.ResourceCallRequest, context: grpc.ServicerContext) -> provider_pb2.CallResponse:
        """A resource's method: only remote components have any, so it is always refused."""
        sentence = f"The program calls the method {request.tok}, and rehearsal has no pretend answer for it."
        return provider_pb2.CallResponse(failures=[provider_pb2.CheckFailure(reason=sentence)])

    def RegisterStackTransform(self, request: callback_pb2.Callback, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """A change that the program wants made to every later registration."""
        self._transforms.append(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: callback_pb2.Callback, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Acknowledged: pretend answers do not depend on how a function is called."""
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: resource_pb2.RegisterResourceHookRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Acknowledged, told, and never run: a hook acts on the real world."""
        self.hooks.append(request.name)
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: resource_pb2.RegisterErrorHookRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Acknowledged: nothing fails in a pretend cloud."""
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """The program is done."""
        return empty_pb2.Empty()

    def _registration(self, request: resource_pb2.RegisterResourceRequest) -> Registration:
        timeouts = {k: getattr(request.customTimeouts, k) for k in ("create", "update", "delete")}
        return Registration(
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            inputs=from_struct(request.object),
            version=request.version or self._version(request.packageRef),
            protect=request.protect,
            provider=request.provider,
            dependencies=tuple(request.dependencies),
            property_dependencies={k: list(v.urns) for k, v in request.propertyDependencies.items()},
            delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            custom_timeouts={k: _seconds(v) for k, v in timeouts.items() if v},
            aliases=(*request.aliasURNs, *(self._alias(request, a) for a in request.aliases)),
            import_id=request.importId,
            retain_on_delete=request.retainOnDelete,
            deleted_with=request.deletedWith,
            source_position=self._position(request.sourcePosition),
        )

    def _alias(self, request: resource_pb2.RegisterResourceRequest, alias: alias_pb2.Alias) -> str:
        if alias.WhichOneof("alias") == "urn":
            return alias.urn
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or request.parent
        return self._deployment.urn(parent, spec.type or request.type, spec.name or request.name, spec.stack, spec.project)

    def _version(self, ref: str) -> str:
        return self._packages.get(ref, ("", ""))[1]

    def _position(self, at: source_pb2.SourcePosition) -> str:
        """`project:///stacks/x.py#12`, relative to the project's folder; empty when the source lies elsewhere."""
        if not at.uri:
            return ""
        path = Path(_local(at.uri))
        if not path.is_relative_to(self._root):
            return ""
        column = f",{at.column}" if at.column else ""
        return f"project:///{path.relative_to(self._root).as_posix()}#{at.line}{column}"

    def _refuse(self, request: resource_pb2.RegisterResourceRequest, why: str) -> resource_pb2.RegisterResourceResponse:
        with self._lock:
            urn = self._deployment.urn(request.parent, request.type, request.name)
            return _registered(self._deployment.refuse(urn, f"{request.type} {request.name} {why}."))


class Engine(engine_pb2_grpc.EngineServicer):
    """Takes the program's messages."""

    def __init__(self) -> None:
        """With none yet."""
        self.diagnostics: list[Diagnostic] = []
        self._root = ""

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Keep a message that a person should see."""
        if request.severity in _SEVERITIES and not request.ephemeral:
            self.diagnostics.append(Diagnostic(_SEVERITIES[request.severity], request.message.strip(), request.urn))
        return empty_pb2.Empty()

    def GetRootResource(
        self, request: engine_pb2.GetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.GetRootResourceResponse:
        """The stack's URN, as it was told."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(
        self, request: engine_pb2.SetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.SetRootResourceResponse:
        """Keep the stack's URN."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(
        self, request: engine_pb2.RequirePulumiVersionRequest, context: grpc.ServicerContext
    ) -> engine_pb2.RequirePulumiVersionResponse:
        """Any version will do: there is no CLI here."""
        return engine_pb2.RequirePulumiVersionResponse()


def _registered(answer: Answer) -> resource_pb2.RegisterResourceResponse:
    result = resource_pb2.FAIL if answer.failed else resource_pb2.SUCCESS
    return resource_pb2.RegisterResourceResponse(urn=answer.urn, id=answer.id, object=to_struct(answer.outputs), result=result)


def _uninvoked(sentence: str) -> resource_pb2.ResourceInvokeResponse:
    return resource_pb2.ResourceInvokeResponse(failures=[provider_pb2.CheckFailure(reason=sentence)])


def _local(uri: str) -> str:
    path = unquote(urlparse(uri).path)
    return path[1:] if len(path) > 2 and path[2] == ":" else path


_UNITS: Mapping[str, float] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def _seconds(written: str) -> float:
    """Seconds of a duration as the SDK writes it (`1h30m`, `40s`); 0 when it is none."""
    parts: list[Any] = re.findall(r"([\d.]+)(ms|s|m|h)", written)
    return sum(float(n) * _UNITS[u] for n, u in parts)
