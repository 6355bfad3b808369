"""Data as a corporate resource: datasets and the interfaces through which they flow."""

from __future__ import annotations

import re

from policies.answers import Judge, fails, not_applicable, passes
from policies.knowledge import portfolio_facts
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at, same

_DATASET = ("dataset",)
_INTERFACE = ("interface",)
_NOBODY = ("", "none", "unknown", "n/a", "tbc", "?", "-")


def _says(path: str, what: str) -> Judge:
    """Somebody must have written `what` at `path`; the words by which people leave a field open do not count."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        found = at(subject).text(path)
        if same(found, *_NOBODY):
            return fails(f"{subject.name} has no {what}.", path)
        return passes(f"{subject.name} has {what}: {found}.", path)

    return judge


def _is_kept_for_a_time(subject: Subject, _: Portfolio) -> Answer:
    years = at(subject).number("retention_years")
    if years is None or years < 0:
        return fails(f"Nobody has said how long {subject.name} is kept.", "retention_years")
    return passes(f"{subject.name} is kept for {years:g} years.", "retention_years")


def _agreement_in_date(subject: Subject, portfolio: Portfolio) -> Answer:
    place = at(subject)
    partner = place.text("shared_with")
    if same(partner, *_NOBODY):
        return not_applicable(f"{subject.name} is shared with nobody.")
    ends = place.day("sharing_agreement_ends")
    if ends is None:
        return fails(f"{subject.name} is shared with {partner}, and no agreement is dated.", "sharing_agreement_ends")
    if ends < portfolio.on:
        return fails(f"The agreement to share {subject.name} with {partner} ended on {ends}.", "sharing_agreement_ends")
    return passes(f"The agreement with {partner} runs until {ends}.", "sharing_agreement_ends")


def _steward(subject: Subject, portfolio: Portfolio) -> Answer:
    answer = _says("steward", "data steward")(subject, portfolio)
    owner, steward = at(subject).text("owner").strip(), at(subject).text("steward").strip()
    if owner and same(owner, steward):
        return fails(f"{steward} is both owner and steward of {subject.name}; one decides, the other looks after it.", "steward")
    return answer


def _speaks_an_open_standard(subject: Subject, portfolio: Portfolio) -> Answer:
    standard = at(subject).text("standard")
    words = re.findall(r"[a-z]+(?:-[a-z]+)*", standard.casefold())
    if any(w in portfolio_facts("standards")["closed"] for w in words):
        return fails(f"{subject.name} speaks {standard}, which is no open standard.", "standard")
    return _says("standard", "open standard")(subject, portfolio)


def _by_machine(subject: Subject, _: Portfolio) -> Answer:
    medium = at(subject).text("medium")
    if same(medium, *_NOBODY):
        return fails(f"Nobody has said how {subject.name} carries its data.", "medium")
    if same(medium, "manual", "paper", "email", "e-mail"):
        return fails(f"{subject.name} carries its data by {medium}: people type it again.", "medium")
    return passes(f"{subject.name} carries its data by {medium}.", "medium")


CONTROLS = (
    Control(
        id="dataset-has-owner",
        title="Every dataset has an owner",
        severity=Severity.HIGH,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_DATASET,
        judge=_says("owner", "data owner"),
        remedy="Name the data owner in the register of datasets.",
    ),
    Control(
        id="dataset-has-steward",
        title="Every dataset has a steward who is not its owner",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_DATASET,
        judge=_steward,
        remedy="Name the data steward in the register of datasets.",
        mandatory=False,
    ),
    Control(
        id="dataset-is-classified",
        title="Every dataset is classified",
        severity=Severity.HIGH,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_DATASET,
        judge=_says("classification", "data classification"),
        remedy="Give the classification in the register of datasets.",
    ),
    Control(
        id="dataset-has-retention",
        title="Every dataset is kept for a time that somebody set",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_DATASET,
        judge=_is_kept_for_a_time,
        remedy="Give the retention in years in the register of datasets (0 where it is kept for no time at all).",
    ),
    Control(
        id="dataset-sharing-agreement-is-in-date",
        title="Data is shared only under an agreement that is in date",
        severity=Severity.HIGH,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_DATASET,
        judge=_agreement_in_date,
        remedy="Renew the agreement with the partner, or stop sharing.",
    ),
    Control(
        id="dataset-has-export-route",
        title="Every dataset can be taken out again",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_DATASET,
        judge=_says("export_route", "export route"),
        remedy="Say how the data is exported, in an open format, and put it in the supplier's contract.",
        mandatory=False,
    ),
    Control(
        id="dataset-has-system-of-record",
        title="Every dataset has one system of record",
        severity=Severity.MEDIUM,
        rule=GoldenRule.DATA_AS_A_CORPORATE_RESOURCE,
        types=_DATASET,
        judge=_says("workload_id", "system of record"),
        remedy="Name the application that holds the true copy, or plan one.",
    ),
    Control(
        id="interface-names-an-open-standard",
        title="Interfaces speak an open standard",
        severity=Severity.LOW,
        rule=GoldenRule.OPEN_STANDARDS,
        types=_INTERFACE,
        judge=_speaks_an_open_standard,
        remedy="Name the open standard that the interface speaks, or plan to replace it by one that does.",
        mandatory=False,
    ),
    Control(
        id="interface-carries-data-by-machine",
        title="Interfaces need nobody to type data again",
        severity=Severity.LOW,
        rule=GoldenRule.DIGITAL_BY_DEFAULT,
        types=_INTERFACE,
        judge=_by_machine,
        remedy="Replace the hand-over by an interface between the systems.",
        mandatory=False,
    ),
)
