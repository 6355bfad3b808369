"""Pulumi's engine's half of the conversation with a provider, for tests: what it says, and in which order."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from rehearsal.values import from_struct, to_struct

NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME


@dataclass
class Resource:
    """What the engine's state holds of one."""

    type: str
    name: str
    id: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def urn(self) -> str:
        return f"urn:pulumi:dev::case::{self.type}::{self.name}"

    @property
    def head(self) -> Any:
        return {"urn": self.urn, "type": self.type, "name": self.name}


@dataclass
class Engine:
    """The engine's half of the conversation, in the order in which it speaks."""

    stub: Any

    def configure(self, package: str, config: Mapping[str, str]) -> None:
        handshake = self.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1", configure_with_urn=True))
        assert handshake.accept_secrets
        assert self.stub.GetPluginInfo(empty_pb2.Empty()).version == version(f"pulumi-{package}")
        assert json.loads(self.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)["name"] == package
        urn = f"urn:pulumi:dev::case::pulumi:providers:{package}::default"
        checked = self.stub.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=to_struct(config))).inputs
        assert self.stub.DiffConfig(provider_pb2.DiffRequest(urn=urn, old_inputs=checked, news=checked)).changes == NONE
        answer = self.stub.Configure(provider_pb2.ConfigureRequest(args=checked, acceptSecrets=True, sends_old_inputs=True))
        assert answer.acceptSecrets
        assert answer.supportsPreview

    def check(self, resource: Resource, news: Mapping[str, Any]) -> dict[str, Any]:
        request = provider_pb2.CheckRequest(**resource.head, olds=to_struct(dict(resource.inputs)), news=to_struct(news))
        return from_struct(self.stub.Check(request).inputs)

    def diff(self, resource: Resource, news: Mapping[str, Any]) -> provider_pb2.DiffResponse:
        news = self.check(resource, news)
        olds: Any = {"olds": to_struct(resource.outputs), "old_inputs": to_struct(resource.inputs)}
        return self.stub.Diff(provider_pb2.DiffRequest(**resource.head, id=resource.id, **olds, news=to_struct(news)))

    def create(self, type_: str, name: str, news: Mapping[str, Any], *, preview: bool = False) -> Resource:
        new = Resource(type_, name)
        inputs = self.check(new, news)
        made = self.stub.Create(provider_pb2.CreateRequest(**new.head, properties=to_struct(inputs), preview=preview))
        return Resource(type_, name, made.id, inputs, from_struct(made.properties))

    def update(self, resource: Resource, news: Mapping[str, Any], *, preview: bool = False) -> Resource:
        inputs = self.check(resource, news)
        olds: Any = {"olds": to_struct(resource.outputs), "old_inputs": to_struct(resource.inputs)}
        request = provider_pb2.UpdateRequest(**resource.head, id=resource.id, **olds, news=to_struct(inputs), preview=preview)
        return Resource(resource.type, resource.name, resource.id, inputs, from_struct(self.stub.Update(request).properties))

    def refresh(self, resource: Resource) -> Resource | None:
        held: Any = {"inputs": to_struct(dict(resource.inputs)), "properties": to_struct(dict(resource.outputs))}
        found = self.stub.Read(provider_pb2.ReadRequest(**resource.head, id=resource.id, **held))
        inputs, outputs = from_struct(found.inputs), from_struct(found.properties)
        return Resource(resource.type, resource.name, found.id, inputs, outputs) if found.id else None

    def delete(self, resource: Resource) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(**resource.head, id=resource.id, properties=to_struct(resource.outputs)))


@contextmanager
def running(launcher: Path, package: str, config: Mapping[str, str]) -> Generator[Engine]:
    """Start the executable as the engine does: its own address is the only word, the port is the first line of output."""
    with subprocess.Popen([launcher, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                engine = Engine(provider_pb2_grpc.ResourceProviderStub(channel))
                engine.configure(package, config)
                yield engine
                engine.stub.Cancel(empty_pb2.Empty())
        finally:
            process.kill()
