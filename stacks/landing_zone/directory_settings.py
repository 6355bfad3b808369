"""Settings of the replica of directory services, for as long as workloads still need one."""

from __future__ import annotations

from ipaddress import IPv4Address

from pydantic import Field, model_validator

from stacks.settings import Cidr, Part


class Directory(Part):
    """Two domain controllers. `dns_servers` are the council's present ones, which the new ones ask until `promoted`."""

    address_space: Cidr
    domain: str = Field(pattern=r"^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$", description="the Active Directory domain")
    dns_servers: tuple[IPv4Address, ...] = Field(min_length=1, max_length=6)
    size: str = Field(default="Standard_D2s_v5", pattern=r"^Standard_[A-Za-z0-9_-]{2,40}$")
    storage_gb: int = Field(default=32, ge=16, le=1024, description="the disk of the directory's database, apart from the system's own")
    hybrid_benefit: bool = False
    promoted: bool = False

    @model_validator(mode="after")
    def _has_room(self) -> Directory:
        if self.address_space.prefixlen > 28:
            raise ValueError(f"address_space {self.address_space} has no room for two servers; give it a /28 or larger")
        return self

    @property
    def addresses(self) -> tuple[str, str]:
        """The two controllers' own: the first that Azure leaves free in a subnet (it keeps four at the beginning)."""
        first = self.address_space.network_address + 4
        return str(first), str(first + 1)
