"""What a request may ask for besides servers, databases and shares: one class for each kind (format: docs/reference/files.md)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from stacks.components.web_runtimes import runtimes
from stacks.settings import Email, Guid, Part

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,150}$")]
Gigabytes = Annotated[float, Field(ge=0, le=500_000)]
Port = Annotated[int, Field(ge=1, le=65535)]
# Microsoft Learn, "Naming rules and restrictions for Azure resources", containers: 3 to 63 small letters, digits and single dashes.
ContainerName = Annotated[str, Field(min_length=3, max_length=63, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
PublicKey = Annotated[str, Field(pattern=r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) \S+", description="such as ssh-ed25519 AAAA…")]
Days = Annotated[int, Field(ge=0, le=36_500)]


class Storage(Part):
    """A storage account for blobs. Days of 0 mean never. `vaulted` has a backup vault copy them, which departs from a golden rule."""

    id: Id
    containers: tuple[ContainerName, ...] = Field(min_length=1, max_length=100)
    immutable_days: Days = Field(default=0, le=146_000)
    cool_after_days: Days = 0
    delete_after_days: Days = 0
    vaulted: bool = False

    @model_validator(mode="after")
    def _days_follow_one_another(self) -> Storage:
        if len(set(self.containers)) < len(self.containers):
            raise ValueError("a container is named twice in containers; remove the repetition")
        if self.vaulted and self.immutable_days:
            raise ValueError("blobs that cannot be changed need no copy in a vault; remove vaulted or immutable_days")
        if 0 < self.delete_after_days <= max(self.cool_after_days, self.immutable_days):
            raise ValueError(
                f"blobs would be deleted after {self.delete_after_days} days, no later than cool_after_days or immutable_days; "
                "give a larger delete_after_days, or 0 for never"
            )
        return self


class SftpUser(Part):
    """Who comes in by SSH key, and may do what in a folder of one name."""

    name: str = Field(pattern=r"^[a-z0-9]{3,63}$", description="three or more small letters and digits")
    public_key: PublicKey
    access: Literal["read", "write", "read-and-write"]


class Sftp(Part):
    """A place to which partners bring files by SFTP, or fetch them. Each user has a folder that no other sees."""

    id: Id
    user: tuple[SftpUser, ...] = Field(min_length=1, max_length=100)
    delete_after_days: Days = 0

    @model_validator(mode="after")
    def _names_differ(self) -> Sftp:
        names = [u.name for u in self.user]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"user {', '.join(twice)} is named twice; give each user a name of its own")
        return self


class Web(Part):
    """A web application or a function, on a plan of its own. `runtime` as web_runtimes.toml names it."""

    id: Id
    kind: Literal["web", "function"] = "web"
    system: Literal["windows", "linux"]
    runtime: str = Field(description="such as dotnet-8, node-22, python-3.12")
    size: Literal["P0v3", "P1v3", "P2v3", "P3v3"]
    health_path: str = Field(default="", pattern=r"^(/\S*)?$", description="a path that answers 200 when all is well, such as /health")

    @model_validator(mode="after")
    def _runtime_runs_there(self) -> Web:
        fitting = [name for name, runtime in runtimes().items() if runtime.runs(self.kind, self.system)]
        if self.runtime not in fitting:
            raise ValueError(f"runtime {self.runtime} is none that a {self.kind} on {self.system} has; write {' or '.join(fitting)}")
        return self


class Container(Part):
    """A container that answers on `port`. Without `image` only its registry and surroundings are made, so that it can be pushed first."""

    id: Id
    image: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9._/-]*:[A-Za-z0-9._-]+)?$", description="such as portal:1.4.2")
    port: Port
    cpu: float = Field(ge=0.25, le=2, multiple_of=0.25, description="cores, in quarters; each has 2 GiB of memory")
    most_replicas: int = Field(default=10, ge=1, le=300)


class Volume(Part):
    """An NFS volume of Azure NetApp Files. The smallest has 50 GiB."""

    id: Id
    storage_gb: float = Field(ge=50, le=102_400)
    level: Literal["standard", "premium", "ultra"]


class Desktop(Part):
    """Desktops for people (Azure Virtual Desktop). `group` is the Entra group whose members use them."""

    id: Id
    kind: Literal["pooled", "personal"]
    size: str = Field(pattern=r"^Standard_[A-Za-z0-9_-]{2,40}$", description="an Azure size such as Standard_D4s_v5")
    hosts: int = Field(ge=1, le=100)
    sessions_per_host: int = Field(default=8, ge=1, le=50)
    group: Guid

    @property
    def host_ids(self) -> list[str]:
        """The ids of its machines."""
        return [f"{self.id}-{n + 1}" for n in range(self.hosts)]


class Api(Part):
    """API management. `closed` shuts it to the internet, which Azure allows only once it stands: false first, then true."""

    id: Id
    contact: Email
    units: int = Field(default=1, ge=1, le=10)
    closed: bool
