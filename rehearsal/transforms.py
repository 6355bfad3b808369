# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
"""Transforms: the program's own functions that change a registration, called back over gRPC."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from google.protobuf.message import Message
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

_LISTS = {
    "depends_on": "dependencies",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "additional_secret_outputs": "additionalSecretOutputs",
}
_SCALARS = {
    "protect": "protect",
    "version": "version",
    "provider": "provider",
    "plugin_download_url": "pluginDownloadURL",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "import": "importId",
}


def transformed(
    request: resource_pb2.RegisterResourceRequest, callbacks: Sequence[callback_pb2.Callback]
) -> resource_pb2.RegisterResourceRequest:
    """The request as the program's transforms, in order, leave it."""
    for callback in callbacks:
        request = _apply(request, callback)
    return request


def _apply(request: resource_pb2.RegisterResourceRequest, callback: callback_pb2.Callback) -> resource_pb2.RegisterResourceRequest:
    asked = resource_pb2.TransformRequest(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        properties=request.object,
        options=_options(request),
    )
    with grpc.insecure_channel(callback.target) as channel:
        stub = callback_pb2_grpc.CallbacksStub(channel)
        answer = stub.Invoke(callback_pb2.CallbackInvokeRequest(token=callback.token, request=asked.SerializeToString()))
    change = resource_pb2.TransformResponse.FromString(answer.response)
    result = resource_pb2.RegisterResourceRequest()
    result.CopyFrom(request)
    if change.HasField("properties"):
        result.object.CopyFrom(change.properties)
    if change.HasField("options"):
        _take(result, change.options)
    return result


def _options(request: resource_pb2.RegisterResourceRequest) -> resource_pb2.TransformResourceOptions:
    options = resource_pb2.TransformResourceOptions()
    for theirs, ours in _LISTS.items():
        getattr(options, theirs).extend(getattr(request, ours))
    for theirs, ours in _SCALARS.items():
        if _is_given(request, ours):
            setattr(options, theirs, getattr(request, ours))
    options.aliases.extend(request.aliases)
    options.providers.update(dict(request.providers))
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    if request.HasField("customTimeouts"):
        options.custom_timeouts.CopyFrom(request.customTimeouts)
    return options


def _is_given(message: Message, name: str) -> bool:
    field = message.DESCRIPTOR.fields_by_name[name]
    return message.HasField(name) if field.has_presence else bool(getattr(message, name))


def _take(request: resource_pb2.RegisterResourceRequest, options: resource_pb2.TransformResourceOptions) -> None:
    for theirs, ours in _LISTS.items():
        del getattr(request, ours)[:]
        getattr(request, ours).extend(getattr(options, theirs))
    for theirs, ours in _SCALARS.items():
        if _is_given(options, theirs):
            setattr(request, ours, getattr(options, theirs))
    del request.aliases[:]
    request.aliases.extend(options.aliases)
    if options.HasField("delete_before_replace"):
        request.deleteBeforeReplace, request.deleteBeforeReplaceDefined = options.delete_before_replace, True
    if options.HasField("custom_timeouts"):
        request.customTimeouts.CopyFrom(options.custom_timeouts)
