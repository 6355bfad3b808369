"""Pre-checks over SSH: a command that must succeed, and a survey of a share."""

from __future__ import annotations

import json
from dataclasses import asdict

from inventory.whole import write_whole
from migration.steps.endpoints import ObjectPlace, SharePlace, SshPlace
from migration.steps.model import Bench, Facts, Found, Kind, Parameters, ReadBack, StepError
from migration.steps.names import key_for, shown
from migration.steps.open_store import open_store
from migration.steps.ssh import Listing, list_share, run


class CommandParameters(Parameters):
    """A command that only looks; it must end with code 0 and, where `expects` is given, print that text."""

    server: SshPlace
    command: str
    expects: str = ""


def check_command(bench: Bench, parameters: CommandParameters) -> Facts:
    """Run the command. Raises StepError when it fails."""
    del bench
    ran = run(parameters.server, parameters.command, seconds=60)
    out = ran.out.decode("utf-8", "replace")
    if ran.code != 0 or parameters.expects not in out:
        said = (ran.err or out).strip().splitlines()[:1]
        raise StepError(f"{parameters.server.name}: the check `{parameters.command}` failed (code {ran.code}): {' '.join(said)}.")
    return {"code": ran.code, "output": out[:400]}


class SurveyParameters(Parameters):
    """A share, and where it will go."""

    share: str
    source: SharePlace
    targets: tuple[ObjectPlace, ...]
    expected_files: int | None = None


def survey(bench: Bench, parameters: SurveyParameters) -> Facts:
    """Count the share, find what cannot travel under its own name, and see that every target is there and empty.

    Raises StepError naming every target that is not.
    """
    listing = list_share(parameters.source)
    faults: list[str] = []
    for place in parameters.targets:
        try:
            store = open_store(place, bench.environment, bench.workers)
            store.prepare()
            held = store.listing()
            if held:
                raise StepError(f"{store.name}: {len(held)} objects are there already. Choose an empty prefix, or clear it.")
        except StepError as wrong:
            faults += wrong.faults
    if faults:
        raise StepError(*faults)
    write_whole(bench.folder / f"survey-{bench.step}.json", _as_json(listing))
    renamed = [e.path for e in listing.files if key_for(e.path) != e.path]
    bench.say(f"{parameters.share}: {len(listing.files)} files in {len(listing.folders)} folders")
    return {
        "files": len(listing.files),
        "expected_files": parameters.expected_files,
        "bytes": sum(e.size for e in listing.files),
        "folders": len(listing.folders),
        "links_and_others": len(listing.others),
        "travel_under_another_name": [shown(p) for p in renamed[:20]],
    }


def _as_json(listing: Listing) -> bytes:
    held = {"format": "cloud-unless/survey/1", "files": [asdict(e) for e in listing.files], "others": [asdict(e) for e in listing.others]}
    return json.dumps(held, indent=1).encode("ascii")


def looked(bench: Bench, parameters: Parameters) -> ReadBack:
    """A look changes nothing: it counts when its result is in the journal."""
    del parameters
    if bench.effect is None:
        return ReadBack(Found.NOT_DONE, "the check has not been made")
    return ReadBack(Found.DONE, "the check passed", {})


SSH_CHECK = Kind("ssh-check", False, CommandParameters, check_command, looked)
SURVEY_SHARE = Kind("survey-share", False, SurveyParameters, survey, looked)
