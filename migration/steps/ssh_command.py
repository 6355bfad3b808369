"""A command on a server that must run once: detached there under the step's token, so that no dropped connection runs it twice.

The server keeps `~/.unless/steps/TOKEN/`: `command`, `out`, `err`, and `rc` once it has ended. Making that folder is what
starts the command, and a folder is made once, however many of us try. Whoever comes back finds it running and waits, or finds how it ended.
"""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from typing import Final

from pydantic import Field, model_validator

from migration.steps.endpoints import SshPlace
from migration.steps.model import Bench, Facts, Found, Kind, Parameters, ReadBack, StepError
from migration.steps.ssh import run

_TAIL: Final = 2_000
_LONGEST_POLL: Final = 10.0

# Only POSIX: sh, mkdir, mv, nohup, kill. $1 is the token, $2 the command. The boot's id tells a process of before a restart from another
# that has got its number since.
_START: Final = """\
set -eu
umask 077
steps="${HOME:-/tmp}/.unless/steps"
mkdir -p "$steps"
if mkdir "$steps/$1" 2>/dev/null; then
  cd "$steps/$1"
  printf '%s\\n' "$2" >command
  cat /proc/sys/kernel/random/boot_id >boot 2>/dev/null || echo unknown >boot
  nohup sh -c 'echo $$ >pid; sh ./command >out 2>err </dev/null; echo $? >rc.part; mv rc.part rc' >/dev/null 2>&1 </dev/null &
  i=0
  while [ ! -s pid ] && [ "$i" -lt 50 ]; do sleep 0.1 2>/dev/null || sleep 1; i=$((i + 1)); done
fi
"""
_LOOK: Final = """\
cd "${HOME:-/tmp}/.unless/steps/$1" 2>/dev/null || { echo absent; exit 0; }
if [ -f rc ]; then echo "ended $(cat rc)"; exit 0; fi
now=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown)
if [ -s pid ] && [ "$(cat boot)" = "$now" ] && kill -0 "$(cat pid)" 2>/dev/null; then echo running; exit 0; fi
if [ -f rc ]; then echo "ended $(cat rc)"; else echo lost; fi
"""
_TELL: Final = f"""\
cd "${{HOME:-/tmp}}/.unless/steps/$1" && tail -c {_TAIL} out && printf '\\n--\\n' && tail -c {_TAIL} err
"""
_ASIDE: Final = """\
cd "${HOME:-/tmp}/.unless/steps" && i=1 && while [ -e "$1.$i" ]; do i=$((i + 1)); done && mv "$1" "$1.$i"
"""


class SshCommandParameters(Parameters):
    """A command that changes something, how to see that it is done, and how to take it back.

    `check` and `undo_check` end with code 0 when it is so and 1 when it is not; any other code is cannot tell. Without `check` the
    command's own end counts. The commands are shell text of the runbook's author: nothing of the estate is put into them unquoted.
    """

    server: SshPlace
    command: str = Field(min_length=1)
    check: str = ""
    undo: str = ""
    undo_check: str = ""
    seconds: float = Field(default=3600, gt=0, le=86_400)

    @model_validator(mode="after")
    def _can_tell_that_it_is_undone(self) -> SshCommandParameters:
        if self.undo and not self.undo_check:
            raise ValueError("give undo_check too: without it nobody can tell whether the undoing was done")
        return self


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the server says of a token: `absent`, `running`, `ended` with its code, or `lost`: begun, not ended, and not running."""

    state: str
    code: int = 0


def do(bench: Bench, parameters: SshCommandParameters) -> Facts:
    """Start the command, or join it where it runs already, and wait for its end. Raises StepError when it fails or is not done in time."""
    return _carry_out(bench, parameters, bench.token, parameters.command)


def undo(bench: Bench, parameters: SshCommandParameters) -> Facts:
    """The same with the way back, under a token of its own."""
    return _carry_out(bench, parameters, f"{bench.token}-undo", parameters.undo)


def _carry_out(bench: Bench, parameters: SshCommandParameters, token: str, command: str) -> Facts:
    place = parameters.server
    seen = _look(place, token)
    if seen.state == "lost":
        raise StepError(
            f"{place.name}: the command was begun, and the server does not know how it ended (it may have been restarted). See whether it "
            f"is done; then remove ~/.unless/steps/{token} there to let it run again, or write {token}/rc with its code."
        )
    if seen.state == "ended" and seen.code:
        _ask(place, _ASIDE, token)  # it is known to have ended, so running it again is a decision that resume has made
    if seen.state != "running":
        _ask(place, _START, token, command)
    code = _wait(bench, parameters, token)
    out, _, err = _ask(place, _TELL, token).partition("\n--\n")
    if code:
        said = " ".join((err or out).split())[-400:]
        raise StepError(f"{place.name}: the command ended with code {code}: {said or 'it said nothing'}. See what it did, then resume.")
    return {"code": code, "output": out[-400:]}


def _wait(bench: Bench, parameters: SshCommandParameters, token: str) -> int:
    """The code with which the command ends. Each look is a connection of its own, so a dropped one costs nothing."""
    place, pause = parameters.server, 0.1
    until = time.monotonic() + parameters.seconds
    while True:
        seen = _look(place, token)
        if seen.state == "ended":
            return seen.code
        if seen.state != "running":
            raise StepError(f"{place.name}: the command is gone without an end ({seen.state}). See whether it is done, then resume.")
        if time.monotonic() > until:
            raise StepError(f"{place.name}: the command still runs after {parameters.seconds:g} seconds. Resume goes on waiting for it.")
        if bench.stop.wait(pause):
            raise StepError(f"{place.name}: stopped by hand while the command runs on. Resume goes on waiting for it.")
        pause = min(pause * 1.5, _LONGEST_POLL)


def verify(bench: Bench, parameters: SshCommandParameters) -> ReadBack:
    """What the check says; without one, how the command ended."""
    if parameters.check:
        return _checked(parameters.server, parameters.check, Found.DONE, Found.NOT_DONE)
    seen = _look(parameters.server, bench.token)
    if seen.state == "lost":
        return ReadBack(Found.CANNOT_TELL, "the command was begun, and the server does not know how it ended")
    is_done = seen.state == "ended" and seen.code == 0
    return ReadBack(Found.DONE if is_done else Found.NOT_DONE, f"the command {_said(seen)}")


def verify_undone(bench: Bench, parameters: SshCommandParameters) -> ReadBack:
    """What the check of the way back says."""
    del bench
    return _checked(parameters.server, parameters.undo_check, Found.UNDONE, Found.DONE)


def _checked(place: SshPlace, command: str, yes: Found, no: Found) -> ReadBack:
    ran = run(place, command, seconds=60)
    found = {0: yes, 1: no}.get(ran.code, Found.CANNOT_TELL)
    return ReadBack(found, f"the check `{command}` ended with code {ran.code}", {"code": ran.code})


def _look(place: SshPlace, token: str) -> _Seen:
    state, _, code = _ask(place, _LOOK, token).strip().partition(" ")
    if state not in ("absent", "running", "ended", "lost") or (state == "ended" and not code.isdecimal()):
        where = f"~/.unless/steps/{token} there"
        raise StepError(f"{place.name}: what the server says of the step cannot be read ({state[:40]!r}). Look at {where}.")
    return _Seen(state, int(code or 0))


def _ask(place: SshPlace, script: str, *arguments: str) -> str:
    """Run one of our scripts, its arguments as arguments. Raises StepError when it fails."""
    ran = run(place, " ".join(["sh", "-c", shlex.quote(script), "sh", *map(shlex.quote, arguments)]), seconds=120)
    if ran.code:
        why = " ".join(ran.err.split())[:300]
        raise StepError(f"{place.name}: the server could not keep the step's folder: {why}. Mend that, then resume.")
    return ran.out.decode("utf-8", "replace")


def _said(seen: _Seen) -> str:
    return {"absent": "was not begun", "running": "is running"}.get(seen.state, f"ended with code {seen.code}")


SSH_COMMAND = Kind("ssh-command", True, SshCommandParameters, do, verify, undo, verify_undone)
