"""Which mandatory controls stop a deployment, by the environment that it goes to: `knowledge/environments.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policies.errors import PoliciesError
from policies.model import Control, Severity

_FILE = "policies/knowledge/environments.toml"


class Environment(BaseModel):
    """One environment: for which severities a mandatory control stops the deployment, and why those."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    stops: frozenset[Severity]
    why: str = Field(min_length=1)

    def stopped_by(self, control: Control) -> bool:
        """Whether a fail or an unknown of the control stops a deployment to here."""
        return control.mandatory and control.severity in self.stops


@cache
def environments() -> tuple[Environment, ...]:
    """Every environment, the one that counts when nobody names any first. Raises PoliciesError with every fault of the file."""
    return parse_environments(files("policies.knowledge").joinpath("environments.toml").read_text("utf-8"), _FILE)


def parse_environments(text: str, name: str) -> tuple[Environment, ...]:
    """The environments in `text`; `name` is the file's in faults. Raises PoliciesError with every fault."""
    try:
        written: list[object] = tomllib.loads(text).get("environment") or [{}]
    except tomllib.TOMLDecodeError as wrong:
        raise PoliciesError(f"{name}: is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    read: list[Environment] = []
    faults: list[str] = []
    for number, entry in enumerate(written, start=1):
        try:
            read.append(Environment.model_validate(entry))
        except ValidationError as wrong:
            said = ((".".join(map(str, e["loc"])) or "(top)", e["msg"]) for e in wrong.errors())
            faults += [f"{name}, environment {number}, key {key}: {what}. Correct the value." for key, what in said]
    faults += _wrong(read, name)
    if faults:
        raise PoliciesError(*faults)
    return tuple(read)


def _wrong(read: Sequence[Environment], name: str) -> list[str]:
    lenient = [e.name for e in read if Severity.CRITICAL not in e.stops]
    faults = [f"{name}: {e} lets critical breaches through. Add critical to its stops: it is never left out." for e in lenient]
    names = [e.name for e in read]
    twice = sorted({n for n in names if names.count(n) > 1})
    faults += [f"{name}: the environment {n} is there twice. Keep one of them." for n in twice]
    if read and any(not e.stops <= read[0].stops for e in read):
        faults.append(f"{name}: {names[0]} counts where nobody names an environment, and is not the strictest. Put the strictest first.")
    return faults
