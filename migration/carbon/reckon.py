"""What workloads give off where they are and where they will be, each server counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from inventory.model import Estate, Server, Workload
from migration.carbon.after import draws_after
from migration.carbon.model import KWH_A_YEAR, NOTHING, Draw, EstateCarbon, Range, Side, Sum, WorkloadCarbon, range_of, total
from migration.carbon.now import Hosts, draws_now
from migration.knowledge.carbon_model import CarbonFacts, Overhead, Place
from migration.model import Assessment, Disposition
from migration.terms import Terms

Part = tuple[Place, Draw | str]
Said = Sequence[Draw | str]
SETTING = "setting"
"""Why an overhead that the council's settings give is what it is."""
_CARRIES: Mapping[Disposition, int] = {Disposition.RETAIN: 1, Disposition.REPURCHASE: 2, Disposition.RETIRE: 3}


def reckon(assessments: Iterable[Assessment], estate: Estate, terms: Terms, overhead: float | None = None) -> EstateCarbon:
    """Every workload that was assessed. `overhead` is what the council measured of its own data centre, in the place of surveys."""
    held = sorted(assessments, key=lambda a: a.workload_id)
    becomes = {a.workload_id: a.disposition for a in held}
    places = Places(terms.knowledge.carbon, overhead)
    hosts, databases = Hosts(estate, terms), {d.id: d for d in estate.databases}

    def parts(a: Assessment) -> WorkloadCarbon:
        workload = estate.workload_by_id[a.workload_id]
        mine = [s for s in estate.servers_of(workload) if _carrier(s, estate, becomes) == a.workload_id]
        now, after = draws_now(mine, hosts, estate, terms), draws_after(a.targets, databases, estate, terms)
        return _workload(a, list(_missing(workload, estate)), list(now), list(after), places)

    made = tuple(parts(a) for a in held)
    return EstateCarbon(made, _sum(made), _sum([w for w in made if w.is_comparable]))


class Places:
    """What turns watts into energy and carbon at each place."""

    def __init__(self, facts: CarbonFacts, overhead: float | None = None) -> None:
        """Work out the ranges once."""
        own = [o for o in facts.overheads if o.place == "on-premises"]
        if overhead is not None:
            own = [Overhead(SETTING, "The council's own data centre", "on-premises", overhead, "unless.toml", o.date) for o in own[:1]]
        held: Mapping[Place, list[Overhead]] = {"on-premises": own, "cloud": [o for o in facts.overheads if o.place == "cloud"]}
        self._overheads = {place: range_of(rows, lambda o: o.times, lambda o: o.id) for place, rows in held.items()}
        self._grid = range_of(facts.grids, lambda g: g.kg_per_kwh, lambda g: g.id)

    def energy(self, place: Place, watts: Range) -> Range:
        """Kilowatt-hours a year that a site draws for machines that draw so many watts."""
        return watts.scaled(KWH_A_YEAR).times(self._overheads[place])

    def side(self, parts: Iterable[Part]) -> Side:
        """What stands at which place, added up."""
        held = list(parts)
        draws = tuple(d for _, d in held if isinstance(d, Draw))
        energy = total(self.energy(place, d.watts) for place, d in held if isinstance(d, Draw))
        unknown = tuple(d for _, d in held if isinstance(d, str))
        return Side(draws, unknown, energy, energy.times(self._grid) if draws else NOTHING)


def _workload(a: Assessment, missing: Said, now: Said, after: Said, places: Places) -> WorkloadCarbon:
    """Both sides: what stays draws where it is what it draws now; what is retired or bought elsewhere needs no server of ours any more."""
    here: list[Part] = [("on-premises", d) for d in (*missing, *now)]
    there: list[Part] = [("cloud", d) for d in after]
    if a.disposition is Disposition.RETAIN:
        there += here
    elif a.disposition not in _CARRIES:
        there.extend(("cloud", said) for said in missing)
    return WorkloadCarbon(a.workload_id, places.side(here), places.side(there))


def _missing(workload: Workload, estate: Estate) -> Iterator[str]:
    if not workload.server_ids:
        yield f"{workload.id}: nobody has said which servers it runs on"
    for name in workload.server_ids:
        if name not in estate.server_by_id:
            yield f"{name}: nobody has recorded this server"


def _carrier(server: Server, estate: Estate, becomes: Mapping[str, Disposition]) -> str:
    """The workload with which a shared server is counted: the first by id of those that take it along, else of those that keep it."""
    sharing = estate.workloads_by_server.get(server.id, ())
    ranked = ((_CARRIES.get(becomes[w.id], 0), w.id) for w in sharing if w.id in becomes)
    return min(ranked, default=(0, ""))[1]


def _sum(held: Iterable[WorkloadCarbon]) -> Sum:
    rows = list(held)
    return Sum(
        len(rows),
        total(w.now.energy_kwh for w in rows),
        total(w.now.carbon_kg for w in rows),
        total(w.after.energy_kwh for w in rows),
        total(w.after.carbon_kg for w in rows),
    )
