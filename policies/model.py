"""What is judged, by what, with which verdict. Nothing here knows where a subject came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar

from policies.frozen import frozen

T = TypeVar("T")


KINDS: Final = ("workload", "dataset", "interface", "plan", "exception", "runbook", "run", "questionnaire", "obligation")
"""The kinds of subject that are no resources. Their type is their kind."""


class Verdict(StrEnum):
    """Three-valued, and not applicable. Unknown is never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


class Severity(StrEnum):
    """How bad a failure is; it also caps how long an exception may last."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class GoldenRule(StrEnum):
    """The rules of the council's digital strategy that controls serve."""

    SECURE_BY_DESIGN = "secure by design"
    DATA_AS_A_CORPORATE_RESOURCE = "data as a corporate resource"
    BUY_OFF_THE_SHELF = "buy off-the-shelf by default"
    CLOUD_UNLESS = "cloud, unless"
    DIGITAL_BY_DEFAULT = "digital by default"
    OPEN_STANDARDS = "open standards"
    EVERYONE_CAN_JOIN_IN = "everyone can join in"


class UnknownValueError(Exception):
    """A control used a value that is not known yet; the evaluator turns this into verdict unknown.

    `path` is the place in the subject's inputs, `why` a clause that completes "… is unknown: ".
    """

    def __init__(self, path: str = "", why: str = "it is not known before deployment") -> None:
        """Keep the place and the reason."""
        super().__init__(f"{path or 'a value'}: {why}")
        self.path = path
        self.why = why


class Unknown:
    """A value that the preview does not know yet. There is one: `UNKNOWN`; test for it with `is` alone.

    Everything by which Python code could mistake it for a known value raises UnknownValueError. Controls do
    not meet it at all: `policies.places.Place` raises first, with the path.
    """

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownValueError

    __bool__ = __eq__ = __ne__ = __hash__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse  # pyright: ignore[reportAssignmentType]
    __iter__ = __len__ = __contains__ = __getitem__ = __str__ = __format__ = _refuse  # pyright: ignore[reportAssignmentType]
    __int__ = __float__ = __index__ = __add__ = __radd__ = __call__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse methods of known values; names that Python itself looks up are plainly absent."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnknownValueError

    def __repr__(self) -> str:
        """Shown in reasons and in failing tests."""
        return "unknown"


class SecretText(str):
    """What stands in the place of a secret. There is one: `SECRET`; its text is never the secret."""

    __slots__ = ()


UNKNOWN: Final = Unknown()
SECRET: Final = SecretText("[secret]")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to judge: a cloud resource, a workload of the plan, a dataset, an interface, an exception, …

    `kind` is `resource` or one of KINDS. `type` is the Pulumi type token for a resource, else equal to `kind`. `id` is
    the URN or our own id. `inputs` is plain data that nobody can change, in which unknown values are `UNKNOWN` and
    secrets are `SECRET`. `file` and `line` say where it was written, when known; `lines` where parts of it were, by their paths.
    `is_component` says that it only groups others, and is nothing in the cloud.
    `waits_on` gives for each input the URNs of the resources it is made from; `resource_id` is the cloud's own
    id of a resource, "" before there is one. `api_version` is what the type token itself asks for, "" when that is left
    to the package; `is_new` says that a preview would create the resource. `unknown_because` gives for places that are
    unknown ("" is the whole) a clause that says why. `provider` is the URN of the provider that makes the resource.
    """

    kind: str
    type: str
    id: str
    name: str
    inputs: Mapping[str, Any]
    parent: str = ""
    depends_on: tuple[str, ...] = ()
    protect: bool = False
    is_component: bool = False
    file: str = ""
    line: int = 0
    waits_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    resource_id: str = ""
    api_version: str = ""
    is_new: bool = False
    unknown_because: Mapping[str, str] = field(default_factory=dict[str, str])
    provider: str = ""
    lines: Mapping[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        """Freeze the inputs, however deep."""
        object.__setattr__(self, "inputs", frozen(self.inputs, UNKNOWN))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a control says of one subject: the verdict and, in a sentence, why. `path` is what it looked at."""

    verdict: Verdict
    reason: str
    path: str = ""


@dataclass(frozen=True)
class Portfolio:
    """Everything under judgement at once, for controls that need a subject's neighbours. Indexed by type.

    `on` is the date of the judgement (a calendar day in Europe/London), `severities` the severity of every control
    there is, by its id.
    """

    subjects: tuple[Subject, ...]
    on: date
    severities: Mapping[str, Severity] = field(default_factory=dict[str, Severity])
    by_type: Mapping[str, tuple[Subject, ...]] = field(init=False, repr=False, compare=False)
    by_id: Mapping[str, Subject] = field(init=False, repr=False, compare=False)
    _made: dict[object, Any] = field(init=False, repr=False, compare=False, default_factory=dict[object, Any])

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What `make` makes of this portfolio, made once for each key: an index that many subjects look things up in."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def __post_init__(self) -> None:
        """Index once."""
        by_type: dict[str, list[Subject]] = {}
        for s in self.subjects:
            by_type.setdefault(s.type, []).append(s)
        object.__setattr__(self, "by_type", {k: tuple(v) for k, v in by_type.items()})
        object.__setattr__(self, "by_id", {s.id: s for s in self.subjects})


@dataclass(frozen=True, slots=True)
class Control:
    """A demand on subjects of certain types. `id` states the good state in kebab-case.

    `types` are matched exactly against `Subject.type`, or as a beginning when they end in `*`; a lone `*` is
    every resource. `clauses` are
    `framework-id:clause-id` and come from the frameworks, which point at controls. `mandatory` controls block
    on fail and on unknown; the others only advise. A control that `looks_around` reads the subject's neighbours,
    or which of them its inputs are made from, so it can be judged only once all of them are known.
    """

    id: str
    title: str
    severity: Severity
    rule: GoldenRule
    types: tuple[str, ...]
    judge: Callable[[Subject, Portfolio], Answer]
    remedy: str
    clauses: tuple[str, ...] = ()
    mandatory: bool = True
    looks_around: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """One control's answer for one subject. `waived_by` names an exception and never hides the verdict.

    `waiver` is a sentence on the exception that waives it, or on the one that no longer does; `waived_until` is the last day on which it
    is waived. `deferred` says that it is unknown, waits on another resource's output and is recorded as an obligation to judge it again on
    deployed state. `about` tells several of one control on one subject apart (an input, a definition), "" where there is one.
    """

    control: Control
    subject: Subject
    answer: Answer
    waived_by: str = ""
    waiver: str = ""
    deferred: bool = False
    waived_until: date | None = None
    about: str = ""

    @property
    def line(self) -> int:
        """The line of the part that was looked at, else of the subject; 0 when nobody knows."""
        at = self.answer.path
        while at and at not in self.subject.lines:
            at = at[: max(at.rfind("."), at.rfind("["), 0)]
        return self.subject.lines.get(at, self.subject.line)

    @property
    def blocks(self) -> bool:
        """Whether this judgement stops a deployment: a mandatory fail or unknown that nothing waives; a fail is never deferred."""
        if not self.control.mandatory or self.waived_by:
            return False
        return self.answer.verdict is Verdict.FAIL or (self.answer.verdict is Verdict.UNKNOWN and not self.deferred)
