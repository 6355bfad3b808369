"""Whether each server's system can start in Azure: by its word length, and by the firmware that it starts from."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Server, Workload
from migration.assessors.finding import from_source, known
from migration.assessors.standing import soften
from migration.disposition import decide, is_off
from migration.knowledge.recognise import operating_system
from migration.knowledge.words import says
from migration.model import Effect, Finding
from migration.terms import Terms

NAME = "bits-and-boot"


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """Findings on servers that say their word length or firmware. Of those that do not, nothing is looked at: few exports do."""
    moves = decide(workload, estate, terms).moves_servers
    running = [s for s in estate.servers_of(workload) if not is_off(s)]
    return tuple(f for s in running for f in (*_bits(s, workload, terms, moves), *_boot(s, workload, terms, moves)))


def _bits(server: Server, w: Workload, terms: Terms, moves: bool) -> Iterator[Finding]:
    boot = terms.knowledge.boot
    said = f"{server.operating_system} {server.architecture}"
    if says(said, boot.narrow_words) and not says(said, boot.wide_words):
        effect, tail = soften(Effect.BLOCKS, moves)
        reason = f"{server.name} runs a 32-bit system, on which Azure machines do not run.{tail}"
        remedy = "Build it again on a 64-bit system, and test that its application runs there."
        evidence = (*from_source(server.sources, "operating_system"), *from_source(server.sources, "architecture"), _rule(terms))
        yield Finding(NAME, w.id, server.id, effect, reason, remedy, terms.knowledge.efforts["operating-system-upgrade"], evidence)


def _boot(server: Server, w: Workload, terms: Terms, moves: bool) -> Iterator[Finding]:
    boot, evidence = terms.knowledge.boot, (*from_source(server.sources, "firmware"), _rule(terms))
    if not server.firmware.strip() or not moves:
        return
    if says(server.firmware, boot.efi_words):
        if any(f"{r.product}/{r.release}" in boot.not_by_efi for r in operating_system(server.operating_system, terms.knowledge).releases):
            reason = f"{server.name} starts {server.operating_system} from UEFI firmware, which Azure does not."
            remedy = "Build it again on a supported release."
            days = terms.knowledge.efforts["operating-system-upgrade"]
            yield Finding(NAME, w.id, server.id, Effect.BLOCKS, reason, remedy, days, evidence)
        else:
            yield _generation(server, w, 2, evidence)
    elif says(server.firmware, boot.bios_words):
        yield _generation(server, w, 1, evidence)
    else:
        reason = f"What firmware {server.name} starts from is not known ({server.firmware}), nor then of which generation it must be built."
        remedy = "Look whether it starts from BIOS or UEFI before its machine is built."
        yield Finding(NAME, w.id, server.id, Effect.CONDITION, reason, remedy, terms.knowledge.efforts["find-out"], evidence)


def _generation(server: Server, w: Workload, generation: int, evidence: tuple[str, ...]) -> Finding:
    what = "UEFI" if generation == 2 else "BIOS"
    reason = f"{server.name} starts from {what} firmware: copied as it is, its machine must be of generation {generation}."
    return Finding(NAME, w.id, server.id, Effect.NONE, reason, "", None, evidence)


def _rule(terms: Terms) -> str:
    note = next(n for n in terms.knowledge.files if n.file == "machines.toml")
    return known("what can start in Azure", note.source, "")
