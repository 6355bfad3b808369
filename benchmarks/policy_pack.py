"""What our policy pack adds to a rehearsal, and what an ordinary pack of Pulumi's policy SDK with a policy for each control adds.

    python benchmarks/policy_pack.py [RESOURCES]

Each runs in the same way, as Pulumi starts packs; the ordinary one calls the very same controls. There is no Pulumi CLI here, so the
rehearsal stands for it: it asks a pack what the engine asks. Not for Windows: it asks the system what its children used.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = (ROOT / "benchmarks" / "rehearsal.py").read_text("utf-8").partition('PROGRAM = """\\\n')[2].partition('"""')[0]
REHEARSE = """\
import sys
from pathlib import Path
from rehearsal import PolicyPack, ProgramError, rehearse

folder, count, *packs = sys.argv[1:]
try:
    judges = [PolicyPack(Path(p)) for p in packs]
    found = rehearse(Path(folder), "dev", Path(folder) / "dev.json", config={"count": count}, packs=judges, preview_only=True)
except ProgramError as stopped:
    found = stopped.preview
print(len(found.steps), len(found.violations))
"""
ORDINARY = """\
import sys
from datetime import date

sys.path.insert(0, {root!r})
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy, StackValidationPolicy
from policies.analyzer.judge import by_itself, together
from policies.evaluate import evaluate
from policies.model import Portfolio, Subject, Verdict
from policies.read.properties import known_inputs
from policies.read.resources import plain_type

ON = date.today()


def bare(value):
    if hasattr(value, "keys"):
        return {{k: bare(v) for k, v in (value if isinstance(value, dict) else value["__target"]).items()}}
    if isinstance(value, (list, tuple)) or (hasattr(value, "__getitem__") and not isinstance(value, str)):
        return [bare(v) for v in (value if isinstance(value, (list, tuple)) else value["__target"])]
    return value


def subject(r):
    held, protect = known_inputs(bare(r.props)), bool(r.opts.protect)
    made_from = getattr(r, "property_dependencies", None)
    waits_on = dict.fromkeys(held, ("",)) if made_from is None else {{k: tuple(s.urn for s in v) for k, v in made_from.items()}}
    return Subject("resource", plain_type(r.resource_type), r.urn, r.name, held, protect=protect, waits_on=waits_on)


def tell(control, subjects, report):
    for j in evaluate(Portfolio(tuple(subjects), ON), (control,)):
        if j.answer.verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            report(f"{{j.answer.verdict.value}}: {{j.answer.reason}}", j.subject.id)


def one(control):
    return lambda args, report: tell(control, [subject(args)], lambda message, _: report(message))


def all_of_them(control):
    return lambda args, report: tell(control, [subject(r) for r in args.resources], report)


ADVISORY = EnforcementLevel.ADVISORY
PolicyPack("ordinary", [
    *(ResourceValidationPolicy(c.id, c.title, one(c), ADVISORY) for c in by_itself()),
    *(StackValidationPolicy(c.id, c.title, all_of_them(c), ADVISORY) for c in together()),
])
"""


def taken(folder: Path, count: int, *packs: Path) -> tuple[float, float, str]:
    """Seconds of processor (children included) and of the clock of a preview, and what it printed: resources and breaches."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-c", REHEARSE, str(folder), str(count), *map(str, packs)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=900)
    clock, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock, done.stdout.strip()


def main(count: int) -> None:
    """Measure each three times, in turn, and print the least of each with its ratio."""
    from policies.analyzer.judge import resource_controls

    with tempfile.TemporaryDirectory() as name:
        folder, ordinary = Path(name, "project"), Path(name, "ordinary")
        for made in (folder, ordinary):
            made.mkdir()
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", "utf-8")
        (folder / "__main__.py").write_text(PROGRAM, "utf-8")
        (ordinary / "PulumiPolicy.yaml").write_text("runtime: python\n", "utf-8")
        (ordinary / "__main__.py").write_text(ORDINARY.format(root=str(ROOT)), "utf-8")
        runs = {"no pack": (), "our pack": (ROOT / "policies" / "pack",), "ordinary pack": (ordinary,)}
        taken(folder, 5, *runs["our pack"])  # compile what all load
        found: dict[str, list[tuple[float, float, str]]] = {told: [] for told in runs}
        for told, packs in [*runs.items()] * 3:
            found[told].append(taken(folder, count, *packs))
    sys.stdout.write(f"{len(resource_controls())} controls of resources\n")
    least = {told: (min(f[0] for f in each), min(f[1] for f in each)) for told, each in found.items()}
    for told, (cpu, clock) in least.items():
        resources, breaches = found[told][0][2].split()
        ratios = f"{cpu / least['no pack'][0]:.2f} times the CPU, {clock / least['no pack'][1]:.2f} times the clock"
        sys.stdout.write(f"{told:14} {resources} resources, {breaches} breaches: {cpu:5.2f} s CPU, {clock:5.2f} s in all; {ratios}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 518)
