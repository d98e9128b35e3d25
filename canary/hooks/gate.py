"""The hooks of one type, asked one after another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from canary.api.hooks import HookType, Webhook
from canary.hooks.client import HookAnswer, Passed, Refused
from canary.hooks.payload import Subject, hook_payload

Call = Callable[[Webhook, bytes, str], Awaitable[HookAnswer]]
"""``HookClient.call``."""

_ENDS: Mapping[HookType, type[HookAnswer] | None] = {
    HookType.CONFIRM_ROLLOUT: Refused,
    HookType.PRE_ROLLOUT: Refused,
    HookType.ROLLOUT: Refused,
    HookType.CONFIRM_TRAFFIC_INCREASE: Refused,
    HookType.CONFIRM_PROMOTION: Refused,
    HookType.ROLLBACK: Passed,
    # Flagger stops at the first that fails (webhooks 8.10).
    HookType.POST_ROLLOUT: None,
}
"""The answer after which the rest of the list isn't called."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One hook and what it answered."""

    hook: Webhook
    answer: HookAnswer


def of_type(hooks: Iterable[Webhook] | None, kind: HookType) -> tuple[Webhook, ...]:
    """The hooks of one type in their order."""
    return tuple(hook for hook in hooks or () if hook.hook_type == kind)


async def ask(
    call: Call, hooks: Sequence[Webhook] | None, kind: HookType, subject: Subject, key: str
) -> tuple[Asked, ...]:
    """Call the hooks of type ``kind`` in order, until one of them decides; all that were called.

    ``key`` identifies the poll: (run, type, number). Each hook gets a key of its own from it, since
    two of them may have the same receiver. Raises KeyError for ``event``, which isn't asked.
    """
    end = _ENDS[kind]
    asked: list[Asked] = []
    for index, hook in enumerate(of_type(hooks, kind)):
        answer = await call(hook, hook_payload(subject, hook.metadata), f"{key}/{index}")
        asked.append(Asked(hook, answer))
        if end is not None and isinstance(answer, end):
            break
    return tuple(asked)
