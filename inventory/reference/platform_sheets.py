"""The council's machines as its tools export them: RVTools' sheets, the list of physical servers, monthly use."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

from inventory.reference.machines import Machine, drawn, host_name
from inventory.reference.registers import entries, load
from inventory.reference.tables import Table

_MONTHS = [date(2026, month, 1) for month in range(5, 11)]
_CPU_MODEL = "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz"


def _power(machine: Machine) -> str:
    return "poweredOn" if machine.is_on else "poweredOff"


def v_info(held: Sequence[Machine]) -> Table:
    """RVTools' vInfo: one row to a virtual machine."""
    headings = ["VM", "Powerstate", "Template", "SRM Placeholder", "DNS Name", "CPUs", "Memory", "NICs", "Disks", "Network #1"]
    headings += ["Primary IP Address", "Provisioned MiB", "In Use MiB", "HW version", "Annotation", "Datacenter", "Cluster", "Host"]
    headings += ["OS according to the configuration file", "OS according to the VMware Tools", "VM UUID", "VI SDK Server"]
    return Table("RVTools_tabvInfo.csv", headings, [_v_info_row(m) for m in held if not m.is_physical], newline="\r\n")


def _v_info_row(machine: Machine) -> list[str]:
    size = sum(d.capacity_mib for d in machine.disks)
    memory = machine.spec.memory_gb * 1024
    pick = drawn(machine.name, "vinfo")
    uuid = f"4216{pick.getrandbits(16):04x}-{pick.getrandbits(16):04x}-{pick.getrandbits(16):04x}-{pick.getrandbits(48):012x}"
    has_tools = machine.is_on and machine.spec.system != "appliance"
    return [
        *[machine.name, _power(machine), str(machine.is_template), "False"],
        f"{machine.name.lower()}.exampleborough.internal" if has_tools else "",
        *[str(machine.spec.cores), str(memory), "1", str(len(machine.disks)), machine.network],
        machine.ip_address if has_tools else "",
        *[str(size + memory), str(sum(d.consumed_mib for d in machine.disks)), str(pick.choice([9, 11, 13, 14, 19]))],
        *[machine.note, machine.datacentre, machine.cluster, machine.host, machine.system],
        machine.system if has_tools else "",
        *[uuid, "exvpmvc01.exampleborough.internal"],
    ]


def v_partition(held: Sequence[Machine]) -> Table:
    """RVTools' vPartition: one row to a volume that the guest reports."""
    headings = [
        "VM",
        "Powerstate",
        "Template",
        "Disk",
        "Capacity MiB",
        "Consumed MiB",
        "Free MiB",
        "Free %",
        "Datacenter",
        "Cluster",
        "Host",
    ]
    rows = [
        [
            *[m.name, "poweredOn", "False", d.letter, str(d.capacity_mib), str(d.consumed_mib), str(d.capacity_mib - d.consumed_mib)],
            *[str(round(100 * (1 - d.consumed_mib / d.capacity_mib))), m.datacentre, m.cluster, m.host],
        ]
        for m in held
        if not m.is_physical and m.is_on and m.spec.system != "appliance"
        for d in m.disks
    ]
    return Table("RVTools_tabvPartition.csv", headings, rows, newline="\r\n")


def v_network(held: Sequence[Machine]) -> Table:
    """RVTools' vNetwork: one row to a network card."""
    headings = ["VM", "Powerstate", "Template", "NIC label", "Adapter", "Network", "Switch", "Connected", "Starts Connected"]
    headings += ["Mac Address", "Type", "IPv4 Address", "IPv6 Address"]
    rows: list[list[str]] = []
    for m in held:
        if not m.is_physical:
            pick = drawn(m.name, "mac")
            mac = "00:50:56:" + ":".join(f"{pick.randrange(0x40 if n == 0 else 0x100):02x}" for n in range(3))
            row = [
                m.name,
                _power(m),
                str(m.is_template),
                "Network adapter 1",
                "Vmxnet3",
                m.network,
                f"dvs-{m.datacentre.split()[0].lower()}",
            ]
            rows.append([*row, str(m.is_on), "True", mac, "assigned", m.ip_address if m.is_on else "", ""])
    return Table("RVTools_tabvNetwork.csv", headings, rows, newline="\r\n")


def v_host(held: Sequence[Machine]) -> Table:
    """RVTools' vHost: one row to a host."""
    headings = [
        "Host",
        "Datacenter",
        "Cluster",
        "Config status",
        "CPU Model",
        "Speed",
        "HT Available",
        "HT Active",
        "# CPU",
        "Cores per CPU",
    ]
    headings += ["# Cores", "# Memory", "# NICs", "# VMs", "# vCPUs", "ESX Version", "Vendor", "Model"]
    rows: list[list[str]] = []
    for cluster in entries(load("machines.toml"), "cluster"):
        cores = int(str(cluster["cores"]))
        for number in range(1, int(str(cluster["hosts"])) + 1):
            host = host_name(str(cluster["name"]), number)
            here = [m for m in held if m.host == host]
            row = [
                host,
                str(cluster["datacentre"]),
                str(cluster["name"]),
                "green",
                _CPU_MODEL,
                "2095",
                "True",
                "True",
                "2",
                str(cores // 2),
            ]
            row += [str(cores), str(cluster["memory_mib"]), "6", str(len(here)), str(sum(m.spec.cores for m in here))]
            rows.append([*row, "VMware ESXi 7.0.3", "Rackmount Systems", "RS-2200"])
    return Table("RVTools_tabvHost.csv", headings, rows, newline="\r\n")


def physical_servers(held: Sequence[Machine]) -> Table:
    """The list of physical servers, printed from the configuration database with a title above it."""
    headings = ["Server Name", "Type", "Power", "Environment", "Cores", "Memory (GB)", "Storage (GB)", "Storage used (GB)"]
    headings += ["Operating System", "Host", "Cluster", "Data centre", "IP address", "Description"]
    rows = [_physical_row(m) for m in held if m.is_physical]
    above = [["Exampleborough MBC - Configuration database - Physical servers"], ["Printed 20/11/2026 16:42 by ICT service desk"], []]
    return Table("servers-physical.csv", headings, rows, above=above)


def _physical_row(machine: Machine) -> list[str]:
    used = sum(d.consumed_mib for d in machine.disks) // 1024
    sizes = [str(machine.spec.cores), str(machine.spec.memory_gb), str(machine.spec.storage_gb), str(used)]
    place = ["", "", machine.datacentre, machine.ip_address, machine.note]
    return [machine.name, "Physical", "On", machine.environment, *sizes, machine.system, *place]


def utilisation(held: Sequence[Machine]) -> Table:
    """Six months of 95th percentiles from monitoring, for most servers: some were never enrolled."""
    headings = ["Server", "Month", "CPU p95 (%)", "Memory p95 (%)", "Disk p95 (IOPS)", "Network p95 (Mbps)", "Coverage (%)"]
    rows = [row for m in held if m.is_on and _is_watched(m) for row in _use(m)]
    return Table("utilisation.csv", headings, rows)


def _is_watched(machine: Machine) -> bool:
    return machine.spec.system not in ("appliance", "otherlinux") and drawn(machine.name, "watched").random() > 0.07


def _use(machine: Machine) -> list[list[str]]:
    pick = drawn(machine.name, "use")
    usual = {"sql": (34, 81), "ora": (41, 84), "sh": (58, 72), "dc": (12, 44), "fs": (9, 38), "web": (16, 47)}.get(
        machine.spec.role, (19, 52)
    )
    test = 0.5 if machine.spec.kind == "t" else 1.0
    cpu, memory = (max(2.0, mean * test * pick.uniform(0.45, 1.5)) for mean in usual)
    iops, network = pick.lognormvariate(4.6, 0.9) * test, pick.lognormvariate(2.4, 0.9) * test
    first = pick.choice([0, 0, 0, 0, 0, 0, 0, 1, 3])
    return [_month(machine.name, month, pick, (cpu, memory, iops, network)) for month in _MONTHS[first:]]


def _month(name: str, month: date, pick: random.Random, usual: tuple[float, float, float, float]) -> list[str]:
    cpu, memory, iops, network = (value * pick.uniform(0.88, 1.12) for value in usual)
    covered = pick.uniform(96.5, 100) if pick.random() > 0.06 else pick.uniform(21, 78)
    figures = [f"{min(cpu, 98.9):.1f}", f"{min(memory, 97.5):.1f}", f"{iops:.0f}", f"{network:.1f}", f"{covered:.1f}"]
    return [name, month.strftime("%Y-%m"), *figures]
