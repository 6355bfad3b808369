"""The pretend providers, called as Pulumi's engine calls them: a process of its own, and gRPC."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from rehearsal import cloud
from rehearsal.providers import launchers
from rehearsal.values import UNKNOWN, from_struct, secret, to_struct

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the launcher of Windows is another file")
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-one"
NET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
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
def _running(launcher: Path, package: str, config: Mapping[str, str]) -> Generator[Engine]:
    """Start the executable as the engine does: its own address is the only word, the port is the first line of output."""
    with subprocess.Popen([launcher, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            engine = Engine(provider_pb2_grpc.ResourceProviderStub(channel))
            engine.configure(package, config)
            yield engine
            engine.stub.Cancel(empty_pb2.Empty())
        process.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The pretend cloud's file."""
    return tmp_path / "azure.jsonl"


@pytest.fixture
def azure(tmp_path: Path, file: Path) -> Generator[Engine]:
    """The azure-native provider, running."""
    launcher = launchers.write(tmp_path / "bin", file)[0]
    with _running(launcher, "azure-native", {"subscriptionId": SUBSCRIPTION, "location": "uksouth"}) as engine:
        yield engine


def _network(engine: Engine) -> tuple[Resource, Resource, Resource]:
    group = engine.create("azure-native:resources:ResourceGroup", "group", {"resourceGroupName": "rg-one", "tags": {"owner": "a"}})
    place = {"resourceGroupName": "rg-one", "virtualNetworkName": "net"}
    net = engine.create("azure-native:network:VirtualNetwork", "net", {**place, "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}})
    subnet = engine.create("azure-native:network:Subnet", "subnet", {**place, "subnetName": "one", "addressPrefix": "10.0.0.0/24"})
    return group, net, subnet


def test_preview_up_no_change_update_and_destroy(azure: Engine, file: Path) -> None:
    wanted = {"resourceGroupName": UNKNOWN, "virtualNetworkName": "net"}
    shown = azure.create("azure-native:network:VirtualNetwork", "net", wanted, preview=True)
    assert (shown.id, shown.outputs["name"], shown.outputs["resourceGuid"]) == ("", UNKNOWN, UNKNOWN)
    assert not file.exists()
    group, net, subnet = _network(azure)
    assert (group.id, net.id, subnet.id) == (GROUP, NET, f"{NET}/subnets/one")
    assert (group.inputs["location"], net.outputs["type"]) == ("uksouth", "Microsoft.Network/virtualNetworks")
    assert [azure.diff(r, r.inputs).changes for r in (group, net, subnet)] == [NONE, NONE, NONE]
    change = azure.diff(group, {**group.inputs, "tags": {"owner": "b"}})
    assert (change.changes, list(change.replaces), dict(change.detailedDiff).keys()) == (SOME, [], {"tags.owner"})
    assert azure.update(group, {**group.inputs, "tags": {"owner": "b"}}, preview=True).outputs["tags"] == {"owner": "b"}
    assert cloud.load(file).held[GROUP.lower()].properties["tags"] == {"owner": "a"}
    group = azure.update(group, {**group.inputs, "tags": {"owner": "b"}})
    assert cloud.load(file).held[GROUP.lower()].properties["tags"] == {"owner": "b"}
    other = azure.diff(net, {**net.inputs, "virtualNetworkName": "other"})
    assert (list(other.replaces), other.deleteBeforeReplace) == (["virtualNetworkName"], True)
    for resource in (subnet, net, group):
        azure.delete(resource)
        azure.delete(resource)  # again: what is gone is no fault
    assert cloud.load(file).held == {}


def test_a_name_that_was_made_up_stays_when_the_resource_is_renamed(azure: Engine) -> None:
    made = azure.create("azure-native:resources:ResourceGroup", "group", {})
    renamed = Resource(made.type, "another", made.id, made.inputs, made.outputs)
    assert azure.diff(renamed, {}).changes == NONE


def test_a_refresh_sees_what_somebody_changed_and_what_is_gone_and_keeps_secrets(azure: Engine, file: Path) -> None:
    group, net, _ = _network(azure)
    given = {"resourceGroupName": "rg-one", "vaultName": "kv", "secretName": "s", "properties": {"value": secret("hunter2")}}
    kept = azure.create("azure-native:keyvault:Secret", "kept", given)
    assert "hunter2" not in file.read_text("utf-8")
    assert azure.refresh(kept) == kept
    assert azure.refresh(group) == group
    with file.open("a", encoding="utf-8") as written:
        written.write(json.dumps({"id": GROUP, "set": {"tags.owner": "z"}}) + "\n" + json.dumps({"id": NET, "gone": True}) + "\n")
    seen = azure.refresh(group)
    assert seen is not None
    assert (seen.inputs["tags"], seen.outputs["tags"], seen.inputs["resourceGroupName"]) == ({"owner": "z"}, {"owner": "z"}, "rg-one")
    assert dict(azure.diff(seen, group.inputs).detailedDiff).keys() == {"tags.owner"}
    assert azure.refresh(net) is None


def test_an_import_gives_the_inputs_that_would_have_made_it(azure: Engine) -> None:
    _, _, subnet = _network(azure)
    found = azure.refresh(Resource(subnet.type, subnet.name, subnet.id))
    assert found is not None
    assert azure.diff(found, subnet.inputs).changes == NONE


def test_it_refuses_as_azure_does_and_says_why(azure: Engine) -> None:
    _, _, subnet = _network(azure)
    with pytest.raises(grpc.RpcError, match=r"exists already in the pretend Azure.*Import it") as twice:
        azure.create("azure-native:resources:ResourceGroup", "again", {"resourceGroupName": "rg-one"})
    assert twice.value.code() is grpc.StatusCode.FAILED_PRECONDITION  # pyright: ignore[reportAttributeAccessIssue]
    address = {"name": "one", "subnet": {"id": subnet.id}}
    card = {"resourceGroupName": "rg-one", "networkInterfaceName": "nic", "ipConfigurations": [address]}
    azure.create("azure-native:network:NetworkInterface", "nic", card)
    with pytest.raises(grpc.RpcError, match=r"in use \(InUseSubnetCannotBeDeleted\) by .*/nic"):
        azure.delete(subnet)


def test_functions_are_answered_or_refused_in_a_sentence(azure: Engine) -> None:
    _network(azure)
    args = to_struct({"resourceGroupName": "rg-one", "virtualNetworkName": "net"})
    found = azure.stub.Invoke(provider_pb2.InvokeRequest(tok="azure-native:network:getVirtualNetwork", args=args))
    assert from_struct(getattr(found, "return"))["id"] == NET
    unknown = azure.stub.Invoke(provider_pb2.InvokeRequest(tok="azure-native:network:listNothing"))
    assert "no answer to the function azure-native:network:listNothing" in unknown.failures[0].reason


def test_two_providers_share_one_cloud_and_the_directory_gives_ids_of_its_own(azure: Engine, tmp_path: Path, file: Path) -> None:
    with _running(tmp_path / "bin" / "pulumi-resource-azuread", "azuread", {"tenantId": SUBSCRIPTION}) as directory:
        one, two = (directory.create("azuread:index/group:Group", "group", {"displayName": "a"}) for _ in range(2))
        assert one.id != two.id
        assert one.outputs["objectId"] == one.id
        group, _, _ = _network(azure)
        directory.delete(one)
        assert {h.type for h in cloud.load(file).held.values()} >= {two.type, group.type}
        assert directory.refresh(two) == two


def test_a_launcher_started_by_hand_says_what_it_is_for() -> None:
    done = subprocess.run([sys.executable, "-m", "rehearsal.providers"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "unless providers" in done.stderr
