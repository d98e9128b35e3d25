"""Webhooks on behalf of a Canary: gates are asked, event hooks are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError

from canary.api.hooks import HookType, Webhook
from canary.hooks import EventSender, HookEvent, Passed, Refused, Subject, ask, checksum
from canary.hooks.gate import Asked, Call
from canary.kube.resources import Obj
from canary.rollout.announcement import Announcement
from canary.rollout.gates import GATES
from canary.rollout.questions import Gate, Replies, Reply

_SAYS_WHERE = (HookType.CONFIRM_ROLLOUT, HookType.ROLLBACK)
"""Hooks that hear the present phase; the others are part of the analysis, whatever waits."""


class Webhooks:
    """Calls the webhooks of Canaries; nothing raises but a cancellation."""

    def __init__(self, call: Call, address: str = "") -> None:
        """``address`` gets the events of Canaries that have no event hook."""
        self._call = call
        self._events = EventSender(call, address)

    async def replies(self, obj: Obj, gate: Gate) -> Replies:
        """What the hooks say to a question of a run."""
        phase = _phase(obj) if gate.hook in _SAYS_WHERE else "Progressing"
        key = f"{obj['metadata']['uid']}/{gate.run}/{gate.hook.value}/{gate.poll}"
        asked = await ask(self._call, webhooks(obj), gate.hook, _subject(obj, phase), key)
        return Replies(
            yes=tuple(_reply(one) for one in asked if isinstance(one.answer, Passed)),
            no=tuple(_reply(one) for one in asked if isinstance(one.answer, Refused)),
        )

    async def after(self, obj: Obj, item: Announcement) -> list[tuple[str, bool]]:
        """Call the hooks that ``item`` stands for; the events they make, and whether they warn."""
        if item.hooks is None:
            return []
        key = f"{obj['metadata']['uid']}/{item.seq}"
        subject = _subject(obj, item.phase)
        found = []
        for one in await ask(self._call, webhooks(obj), item.hooks, subject, key):
            passed = GATES[item.hooks].yes
            if isinstance(one.answer, Refused):
                found.append((f"Post-rollout hook {one.hook.name} failed {one.answer.text}", True))
            elif passed is not None:
                found.append((passed(one.hook.name), False))
        return found

    def tell(
        self, obj: Obj, text: str, *, key: str, phase: str, warning: bool, at: datetime
    ) -> None:
        """An event is told to those that want to hear all of them; returns at once."""
        event = HookEvent(_subject(obj, phase or _phase(obj)), text, warning, at)
        self._events.send(webhooks(obj), event, f"{obj['metadata']['uid']}/event/{key}")

    async def close(self) -> None:
        """Stop telling; what wasn't is logged."""
        await self._events.close()


def webhooks(obj: Obj) -> tuple[Webhook, ...]:
    """The webhooks of a Canary as it is stored; one that can't be read is complained of elsewhere,
    and keeps the others from nothing."""
    spec = obj.get("spec")
    analysis = spec.get("analysis") if isinstance(spec, Mapping) else None
    listed = analysis.get("webhooks") if isinstance(analysis, Mapping) else None
    found = []
    for item in listed if isinstance(listed, list) else ():
        try:
            found.append(Webhook.model_validate(item))
        except ValidationError:
            continue
    return tuple(found)


def _reply(one: Asked) -> Reply:
    text = one.answer.text if isinstance(one.answer, Refused) else ""
    return Reply(one.hook.name, text, one.hook.mute_alert)


def _phase(obj: Obj) -> str:
    return str((obj.get("status") or {}).get("phase") or "")


def _subject(obj: Obj, phase: str) -> Subject:
    meta, status = obj["metadata"], obj.get("status") or {}
    revision = checksum(status.get("trackedConfigs"), str(status.get("lastAppliedSpec") or ""))
    return Subject(meta["name"], meta["namespace"], phase, revision)
