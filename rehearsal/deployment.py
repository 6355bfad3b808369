"""The heart of the rehearsal: each registration becomes a step, as Pulumi's step generator decides it.

Nothing here speaks gRPC and nothing is written. A fault is recorded and the program goes on, so that all faults are told
at once; with any fault nothing is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rehearsal import clouds, diff, urns
from rehearsal.assets import digested
from rehearsal.checkpoint import Checkpoint
from rehearsal.former import Former
from rehearsal.record import Record
from rehearsal.registration import Answer, Registration, Setting
from rehearsal.seals import seal
from rehearsal.state import State
from rehearsal.values import UNKNOWN, bare, is_secret, pretend, secret, unknown_beyond


class Deployment:
    """One run. Feed it registrations in order, then `finish`; `record`, `faults` and `outputs` hold the result."""

    def __init__(self, setting: Setting, before: Checkpoint) -> None:
        """Start from the state before."""
        self._setting = setting
        self._salt = before.salt
        self._former = Former(before.resources)
        self._providers: dict[str, str] = {}
        self._later: list[State] = []
        self._gone: dict[str, tuple[str, ...]] = {}
        self._failed: set[str] = set()
        self._root = ""
        self.record = Record(before.salt)
        self.faults: list[tuple[str, str]] = []
        self.referred: dict[str, Mapping[str, Any]] = {}

    def register(self, asked: Registration) -> Answer:
        """A resource that the program wants to exist."""
        urn = self.urn(asked.parent, asked.type, asked.name)
        if wrong := self._wrong(urn, asked):
            return self.refuse(urn, f"{asked.told}{wrong}")
        if asked.type == urns.STACK_TYPE:
            self._root = urn
        provider = self._provider_of(asked)
        old = self._former.take(urn, asked, self.urn)
        try:
            inputs = digested(asked.inputs, self._setting.folder)
        except LookupError as absent:
            return self.refuse(urn, f"{asked.told}: {absent.args[0]}.")
        if old:
            inputs = diff.with_ignored(old.inputs, inputs, asked.ignore_changes)
        made = self._made(asked, urn, inputs, provider, old.id if old else "")
        state = self._state(asked, urn, provider, made)
        return self._decide(asked, old, state)

    def read(self, asked: Registration, identity: str) -> Answer:
        """What exists without the program: another stack's outputs, or a resource by its id."""
        urn = self.urn(asked.parent, asked.type, asked.name)
        if wrong := self._wrong(urn, asked):
            return self.refuse(urn, f"{asked.told}{wrong}")
        provider = self._provider_of(asked)
        try:
            outputs = self._read(asked, identity)
        except LookupError as absent:
            return self.refuse(urn, f"{asked.told}: {absent.args[0]}")
        made = clouds.Made(asked.inputs, identity, outputs)
        state = replace(self._state(asked, urn, provider, made), external=True)
        self.record.add("read", self._former.take(urn, asked, self.urn), state)
        return Answer(urn, "" if identity == UNKNOWN else identity, outputs)

    def register_outputs(self, urn: str, outputs: Mapping[str, Any]) -> None:
        """The outputs of a component, or of the stack."""
        if urn in self.record.states:
            self.record.amend(replace(self.record.states[urn], outputs=dict(outputs)))

    def call(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """A provider's function. Raises LookupError, with a plain sentence, when rehearsal has no answer."""
        if token == "pulumi:pulumi:readStackOutputs":  # noqa: S105 - a function's token
            return self._setting.others.of(str(bare(args.get("name"))))
        config = self._setting.configuration.of(urns.package_of(token))
        answer = clouds.function(token, args, config, self._existing)
        if answer is None:
            raise LookupError(
                f"The program calls the function {token} with {bare(dict(args))}, and rehearsal has no pretend answer for it. "
                "Pass the value in by configuration, or add the answer to rehearsal/azure.toml."
            )
        return answer

    def refuse(self, urn: str, sentence: str) -> Answer:
        """Record a fault about a resource and answer that it failed."""
        self.faults.append((urn, sentence))
        self._failed.add(urn)
        return Answer(urn, "", {}, failed=True)

    def finish(self) -> None:
        """The program is done: whatever it no longer asks for goes, what stands on others first."""
        replaced = {old.urn for old in self._later}
        for old in self._former.left(replaced):
            if old.urn in replaced:
                self.record.add("delete-replaced", old, None)
            elif old.protect:
                told = f"{old.type} {urns.name_of(old.urn)} is protected and is no longer in the program."
                self.refuse(old.urn, f"{told} Put it back, or take protect off in a rehearsal before.")
            elif not old.external and old.urn not in self._gone:
                self.record.add("delete", old, None)

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs with their secrets open: for this process only."""
        return self.record.states[self._root].outputs if self._root in self.record.states else {}

    def urn(self, parent: str, type_: str, name: str, stack: str = "", project: str = "") -> str:
        """The URN of a resource of this stack, or of another one."""
        return urns.urn(stack or self._setting.stack, project or self._setting.project, parent, type_, name)

    def has_id(self, identity: str) -> bool:
        """Whether a resource of this program, or of the pretend cloud, has the id."""
        return self._existing(identity) is not None

    def _wrong(self, urn: str, asked: Registration) -> str:
        """What makes the registration impossible, as the end of a sentence; empty when it is possible."""
        known = self.record.states.keys() | self._failed
        if not asked.name or not asked.type:
            return ": a resource needs a type and a name."
        if urn in self.record.states:
            return " has the same type, name and parent as another resource. Rename one of them."
        if asked.parent and asked.parent not in known:
            return f" has a parent that is not a resource of this program: {asked.parent}."
        missing = sorted({d for d in asked.dependencies if d not in known})
        if missing:
            return f" depends on what is not a resource of this program: {', '.join(missing)}."
        if asked.provider and asked.provider.rpartition("::")[0] not in known:
            return f" has a provider that is not a resource of this program: {asked.provider}."
        return ""

    def _provider_of(self, asked: Registration) -> str:
        if not asked.custom or urns.provider_package(asked.type):
            return ""
        return asked.provider or self._default_provider(urns.package_of(asked.type), asked.version)

    def _default_provider(self, package: str, version: str) -> str:
        """The provider that nobody made: registered on first use, named after its version as the engine names it."""
        name = f"default_{re.sub(r'[^0-9A-Za-z]', '_', version)}" if version else "default"
        known = f"{package}::{name}"
        if known not in self._providers:
            config = self._setting.configuration.of(package) | ({"version": version} if version else {})
            answer = self.register(Registration(f"{urns.PROVIDERS}{package}", name, "", True, config))
            self._providers[known] = f"{answer.urn}::{answer.id or UNKNOWN}"
        return self._providers[known]

    def _made(self, asked: Registration, urn: str, inputs: dict[str, Any], provider: str, known: str) -> clouds.Made:
        if not asked.custom:
            return clouds.Made(inputs, "", {})
        held = self.record.states.get(provider.rpartition("::")[0])
        made = clouds.make(asked.type, urn, inputs, held.inputs if held else {}, known)
        hidden = {k for k in made.outputs if k in asked.additional_secret_outputs or is_secret(inputs.get(k))}
        outputs = {k: secret(v) if k in hidden else v for k, v in made.outputs.items()}
        return replace(made, id=asked.import_id or made.id, outputs=outputs)

    def _state(self, asked: Registration, urn: str, provider: str, made: clouds.Made) -> State:
        return State(
            urn=urn,
            type=asked.type,
            custom=asked.custom,
            id=made.id,
            inputs=made.inputs,
            outputs=made.outputs,
            parent=asked.parent,
            protect=asked.protect,
            dependencies=tuple(sorted(asked.dependencies)),
            provider=provider,
            property_dependencies={k: sorted(v) for k, v in sorted(asked.property_dependencies.items())},
            additional_secret_outputs=asked.additional_secret_outputs,
            custom_timeouts=asked.custom_timeouts,
            import_id=asked.import_id,
            retain_on_delete=asked.retain_on_delete,
            deleted_with=asked.deleted_with,
            ignore_changes=asked.ignore_changes,
            replace_on_changes=asked.replace_on_changes,
            source_position=asked.source_position,
        )

    def _decide(self, asked: Registration, old: State | None, state: State) -> Answer:
        if old is None or old.external:
            return self._create(asked, state)
        found = self._changes(asked, old, state)
        if any(c.replaces for c in found):
            return self._substitute(asked, old, state, found)
        modified = self._setting.now if found and state.custom else old.modified
        self.record.add("update" if found else "same", old, replace(state, created=old.created, modified=modified), found)
        return self._answer(state)

    def _changes(self, asked: Registration, old: State, state: State) -> tuple[diff.Change, ...]:
        found = list(diff.changes(old.inputs, seal(state.inputs, self._salt)))
        if not asked.custom:
            return tuple(found)
        fixed = [diff.parsed(p) for p in (*asked.replace_on_changes, *clouds.immutable(asked.type))]
        told = [replace(c, replaces=any(diff.touches(f, c.path) for f in fixed)) for c in found]
        seen = {c.path[0] for c in told if c.path}
        forced = [diff.Change((k,), "update", replaces=True) for k in self._gone.get(old.urn, ()) if k not in seen]
        if _is_other_provider(old.provider, state.provider):
            forced.append(diff.Change(("provider",), "update", replaces=True))
        return (*told, *forced)

    def _create(self, asked: Registration, state: State) -> Answer:
        shown = self._stamped(state) if asked.import_id else self._previewed(self._stamped(state))
        self.record.add("import" if asked.import_id else "create", None, shown)
        return self._answer(shown)

    def _substitute(self, asked: Registration, old: State, state: State, found: Sequence[diff.Change]) -> Answer:
        if old.protect:
            paths = ", ".join(diff.written(c.path) for c in found if c.replaces)
            told = f"{asked.told} is protected, and a change of {paths} would replace it."
            return self.refuse(state.urn, f"{told} Undo the change, or take protect off in a rehearsal before.")
        made = self._made(asked, state.urn, state.inputs, state.provider, clouds.next_id(old.id))
        shown = self._previewed(self._stamped(replace(state, id=made.id, outputs=made.outputs)))
        first = asked.delete_before_replace
        if clouds.deletes_before_replacing(asked.type) if first is None else first:
            self._delete_first(old)
            steps = ("replace", "create-replacement")
        else:
            self._later.append(old)
            steps = ("create-replacement", "replace")
        for op in steps:
            self.record.add(op, old, shown, found)
        return self._answer(shown)

    def _delete_first(self, old: State) -> None:
        """Delete the old one, and before it what cannot stand without it."""
        if old.urn in self._gone:
            return
        standing = self._former.standing_on(old, lambda s: clouds.immutable(s.type))
        for urn in reversed(standing):
            if urn not in self._gone:
                self.record.add("delete-replaced", self._former.get(urn), None)
        self._gone |= standing
        self.record.add("delete-replaced", old, None)

    def _stamped(self, state: State) -> State:
        return replace(state, created=self._setting.now, modified=self._setting.now) if state.custom else state

    def _previewed(self, state: State) -> State:
        """In a preview, what the cloud would give is not known yet."""
        if not self._setting.preview or not state.custom:
            return state
        given = {k: unknown_beyond(v, state.inputs[k]) if k in state.inputs else UNKNOWN for k, v in state.outputs.items()}
        identity = UNKNOWN if urns.provider_package(state.type) else ""
        return replace(state, id=identity, outputs=given, created="", modified="")

    def _answer(self, state: State) -> Answer:
        identity = "" if state.id == UNKNOWN else state.id
        return Answer(state.urn, identity, pretend(state.outputs))

    def _existing(self, identity: str) -> Mapping[str, Any] | None:
        """The properties of what this run made, else of what the pretend cloud holds, by its id."""
        made = next((r.outputs for r in self.record.states.values() if r.id == identity), None)
        if made is None and identity and (held := self._setting.cloud.get(identity)):
            return pretend(dict(held.properties))
        return made

    def _read(self, asked: Registration, identity: str) -> dict[str, Any]:
        if asked.type == "pulumi:pulumi:StackReference":
            found = self._setting.others.of(str(bare(asked.inputs.get("name")) or identity))
            self.referred[str(found["name"])] = found["outputs"]
            return found
        if identity == UNKNOWN:
            return {}
        known = self._existing(identity)
        found = known if known is not None else clouds.read(asked.type, identity)
        return {**found, **{k: v for k, v in asked.inputs.items() if v is not None}}


def _is_other_provider(old: str, new: str) -> bool:
    """Whether the provider is another one: a new version of a default provider is not."""
    before, after = old.rpartition("::")[0], new.rpartition("::")[0]
    if not before or not after or before == after:
        return False
    return not (urns.name_of(before).startswith("default") and urns.name_of(after).startswith("default"))
