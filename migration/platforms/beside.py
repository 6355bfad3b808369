"""What could stand in the place of a machine, as far as an inventory tells: App Service for a web server, Virtual Desktop for a desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from inventory.model import Server, Workload
from migration.knowledge.recognise import operating_system
from migration.knowledge.words import says
from migration.model import Alternative
from migration.prices import platform_price, price_of
from migration.sizing import Need, size_for
from migration.terms import Terms


def beside_machine(server: Server, workload: Workload, need: Need, terms: Terms) -> Iterator[Alternative]:
    """Services that could do a machine's work, each with its price and what it gives up; none of them is ever chosen."""
    yield from _web(server, workload, need, terms)
    product = operating_system(server.operating_system, terms.knowledge).product
    if product and product.family == "windows-desktop":
        yield from _desktop(need, terms)


def _web(server: Server, workload: Workload, need: Need, terms: Terms) -> Iterator[Alternative]:
    web = terms.knowledge.web
    if not any(says(text, web.words) for text in (server.description, workload.description, workload.product)):
        return
    for sku, vcpus, memory_gib in web.sizes:
        if vcpus >= need.vcpus and memory_gib >= need.memory_gib:
            yield Alternative("web-app", sku, platform_price("web-app", sku, terms.region, terms.knowledge), web.gives_up)
            return


def _desktop(need: Need, terms: Terms) -> Iterator[Alternative]:
    desktop = terms.knowledge.desktop
    # A desktop's page asks for whole vCPUs, so nothing that may use a share of them only stands for one.
    size = size_for(replace(need, vcpus=max(need.vcpus, desktop.least_vcpus)), terms)
    if size:
        yield Alternative("virtual-desktop", size.name, price_of(size.name, terms.region, terms.knowledge), desktop.gives_up)
