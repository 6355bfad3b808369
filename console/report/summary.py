"""The page in a few paragraphs, for somebody who reads nothing else, and its key figures."""

from __future__ import annotations

from collections.abc import Iterator

from console.report.inputs import Inputs
from console.report.money import after, now
from console.report.portfolio import portfolio
from console.report.schedule import schedule
from console.report.verdicts import check
from console.report.words import count, day, listed, rounded


def paragraphs(inputs: Inputs) -> tuple[str, ...]:
    """A paragraph each on the estate, the waves, the cost and the golden rules; what is missing is said in its place."""
    parts = ([*_estate(inputs), *_readiness(inputs)], [*_waves(inputs)], [*_cost(inputs)], [*_policy(inputs)])
    return tuple(" ".join(sentences) for sentences in parts if sentences)


def _estate(inputs: Inputs) -> Iterator[str]:
    if inputs.estate is None or not (inputs.estate.servers or inputs.estate.workloads):
        yield "Nothing has been imported yet, so this page has little to say."
        return
    registered = sum(1 for w in inputs.estate.workloads if w.is_registered)
    alone = len(inputs.estate.workloads) - registered
    yield f"{inputs.council} has {count(len(inputs.estate.servers), 'server')} and {count(registered, 'registered application')}."
    if alone == 1:
        yield "1 server belongs to no registered application and counts as a workload of its own."
    elif alone:
        yield f"{count(alone, 'server')} belong to no registered application and count as workloads of their own."


def _readiness(inputs: Inputs) -> Iterator[str]:
    p = portfolio(inputs)
    if p is None:
        yield "Nothing has been assessed yet."
        return
    r, d = p.by_readiness, p.by_disposition
    parts = [f"{_are(r.get('ready', 0))} ready", f"{_are(r.get('ready with conditions', 0))} ready once conditions are met"]
    parts += [f"{_are(r.get('not ready', 0))} not ready", f"{r.get('unknown', 0):,} cannot be judged because facts are missing"]
    yield f"Of {count(p.total, 'workload')}, {listed(parts)}."
    fates = (("repurchase", "to be bought as a service instead"), ("retire", "to be retired"), ("retain", "to stay by exception"))
    told = [f"{_are(d[key])} {words}" for key, words in fates if d.get(key)]
    if told:
        yield f"Not everything moves: {listed(told)}."


def _waves(inputs: Inputs) -> Iterator[str]:
    s = schedule(inputs)
    if s is None:
        yield "There is no plan yet, so there are no dates."
        return
    if not s.waves:
        yield "The plan has no wave yet: nothing can be moved before what stands in the way is dealt with."
    else:
        what = f"{count(s.workloads, 'workload')} and {count(s.servers, 'server')}"
        clear = f", clear of {count(len(s.freezes), 'freeze')}" if s.freezes else ""
        yield f"The plan moves {what} in {count(len(s.waves), 'wave')} from {day(s.starts)} to {day(s.ends)}{clear}."
    if s.waiting:
        yield f"{count(s.waiting, 'workload').capitalize()} that should move {_have(s.waiting)} no date yet, each for a stated reason."


def _cost(inputs: Inputs) -> Iterator[str]:
    n, a = now(inputs), after(inputs)
    if n:
        both = [f"{rounded(n.revenue_pence)} of revenue a year"] if n.revenue_pence else []
        both += [f"{rounded(n.capital_pence)} of capital"] if n.capital_pence else []
        yield f"The costs sheet shows {listed(both) or 'nothing'}."
    else:
        yield "What the estate costs now is not known: no costs sheet has been imported."
    if a and a.priced_targets:
        yield f"The cloud prices known so far come to {rounded(a.monthly_pence * 12)} a year."
        if a.unpriced_targets:
            missing = f"{count(a.unpriced_targets, 'item').capitalize()} still {_have(a.unpriced_targets)} no price"
            yield f"{missing}, so the two figures cannot be compared yet."
    elif a:
        yield "Nothing has a cloud price yet."


def _policy(inputs: Inputs) -> Iterator[str]:
    c = check(inputs)
    if c is None:
        yield "No policy check has been run, so nothing here shows that the golden rules are met."
        return
    fails, unknown = c.totals.get("fail", 0), c.totals.get("unknown", 0)
    yield (
        f"The policy check of {day(c.on)} gave {count(c.totals.get('pass', 0), 'pass', 'passes')}, {count(fails, 'failure')} and "
        f"{count(unknown, 'unknown')}; {count(c.waived, 'verdict')} {'is' if c.waived == 1 else 'are'} waived by an exception."
    )
    stop = "stops" if c.blocking == 1 else "stop"
    if c.blocking:
        yield f"{count(c.blocking, 'verdict').capitalize()} {stop} the deployment."
    elif c.deployment:
        yield "Nothing stops the deployment."
    if not c.deployment:
        yield "No deployment was judged: rehearse the stacks and check again before anything is built."


def _are(n: int) -> str:
    return f"{n:,} are" if n > 1 else "1 is" if n else "none is"


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


def key_figures(inputs: Inputs) -> tuple[tuple[str, str, str], ...]:
    """(figure, what it is, one line more) for the top of the page."""
    return (_with_a_date(inputs), _without(inputs), _priced(inputs), _stopped(inputs))


def _with_a_date(inputs: Inputs) -> tuple[str, str, str]:
    p, s = portfolio(inputs), schedule(inputs)
    if s is None or p is None:
        return ("No plan", "of waves", "nothing has a date yet")
    last = f"in {count(len(s.waves), 'wave')}, until {day(s.ends)}" if s.ends else "nothing can be moved yet"
    return (f"{s.workloads:,} of {p.total:,}", "workloads have a date", last)


def _without(inputs: Inputs) -> tuple[str, str, str]:
    p, s = portfolio(inputs), schedule(inputs)
    if p is None:
        return ("Not assessed", "readiness", "nobody can say what is ready")
    n = s.waiting if s else p.by_readiness.get("not ready", 0) + p.by_readiness.get("unknown", 0)
    return (f"{n:,}", "cannot move yet", "not ready, unknown, or tied to one that is")


def _priced(inputs: Inputs) -> tuple[str, str, str]:
    a = after(inputs)
    if a is None or not a.priced_targets:
        return ("No price", "for the cloud", "nothing has been priced yet")
    return (
        rounded(a.monthly_pence * 12),
        "a year, as far as priced",
        f"{a.priced_targets:,} of {a.priced_targets + a.unpriced_targets:,} items have a price",
    )


def _stopped(inputs: Inputs) -> tuple[str, str, str]:
    c = check(inputs)
    if c is None:
        return ("No check", "of the golden rules", "nothing shows that they are met")
    if not c.deployment and not c.blocking:
        return ("Not judged", "the deployment", f"no rehearsed stack was checked on {day(c.on)}")
    return (f"{c.blocking:,}", "verdicts stop the deployment", f"checked on {day(c.on)}")
