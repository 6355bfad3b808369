"""What is known of how a workload is run and used: ties, machines, network, devices, batch and skills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 - `date` is the name of a field

from migration.knowledge.known import Known, Said


@dataclass(frozen=True)
class Tie(Known):
    """A tie to hardware or place, a private network, a way of signing in or a device, recognised by words."""

    id: str
    words: tuple[str, ...]
    effect: Said
    reason: str
    remedy: str = ""
    source: str = ""
    date: Day | None = None


@dataclass(frozen=True)
class MachineLimits(Known):
    """What no machine in Azure goes beyond, whatever its size."""

    most_disks: int
    most_network_cards: int


@dataclass(frozen=True)
class Boot(Known):
    """How exports write firmware and word length, and the releases (`product/release`) that Azure does not start from UEFI."""

    efi_words: tuple[str, ...]
    bios_words: tuple[str, ...]
    not_by_efi: tuple[str, ...]
    narrow_words: tuple[str, ...]
    wide_words: tuple[str, ...]


@dataclass(frozen=True)
class Posture(Known):
    """How old updates may be, how soon a certificate's end is said, and the ports that must not be open to the internet."""

    patched_within_days: int
    certificate_warn_days: int
    source: str
    date: Day
    guarded_ports: tuple[int, ...]


@dataclass(frozen=True)
class Latency(Known):
    """Longest round trips, in milliseconds, under which a cloud is out of reach or doubtful."""

    blocks_below_ms: float
    condition_below_ms: float
    source: str
    date: Day


@dataclass(frozen=True)
class Jitter(Known):
    """How much jitter a workload must bear, in milliseconds, to be at ease with the way to a cloud."""

    condition_below_ms: float
    source: str
    date: Day


@dataclass(frozen=True)
class Multicast(Known):
    """By which words of an interface or dependency multicast is told, and that the cloud does not carry it."""

    words: tuple[str, ...]
    source: str
    date: Day


@dataclass(frozen=True)
class Skill(Known):
    """A skill, the words of a register by which a team has it, and the families of products that need it (none: whatever moves)."""

    id: str
    words: tuple[str, ...]
    families: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """Everything known of how workloads are run and used."""

    jitter: Jitter
    multicast: Multicast
    used_on: tuple[Tie, ...]
    attached: tuple[Tie, ...]
    least_room_percent: float
    skills: tuple[Skill, ...]
