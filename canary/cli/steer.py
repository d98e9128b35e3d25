"""``canary promote | abort | pause | resume | retry | approve``: requests to the engine."""

from __future__ import annotations

import getpass
import json
import secrets
from argparse import Namespace
from collections.abc import Mapping

from canary.api.annotations import INTENT
from canary.cli.failure import CommandFailed
from canary.cli.session import Session, mapping
from canary.cli.standing import standing
from canary.kube.resources import CANARIES, Obj
from canary.rollout.intent import Action
from canary.rollout.stage import Stage

_RUNNING = tuple(stage for stage in Stage if stage.judged)

POSSIBLE: Mapping[Action, tuple[Stage, ...]] = {
    Action.PROMOTE: _RUNNING,
    Action.ABORT: (*_RUNNING, Stage.WAITING),
    Action.PAUSE: _RUNNING,
    Action.RESUME: _RUNNING,
    Action.RETRY: (Stage.FAILED,),
    Action.APPROVE: (*_RUNNING, Stage.WAITING),
}
"""The phases in which a request can be done. The engine decides; this only spares a wait."""


async def run(session: Session, options: Namespace) -> int:
    """Write the request; raises CommandFailed where it can't be done."""
    action = Action(options.command)
    obj = await session.canary(options.name)
    _check(obj, action, options)
    request = {
        "action": action.value,
        "by": options.by or _me(),
        "reason": options.reason,
        "id": secrets.token_hex(4),
    }
    meta = obj["metadata"]
    patch = {
        "metadata": {
            "uid": meta["uid"],
            "annotations": {INTENT: json.dumps({k: v for k, v in request.items() if v})},
        }
    }
    await session.client.merge_patch(CANARIES, session.namespace, options.name, patch)
    session.out.write(
        f"asked to {action.value} {options.name}.{session.namespace}; "
        f"{session.program} events {options.name} -n {session.namespace} tells what becomes of it"
    )
    return 0


def _check(obj: Obj, action: Action, options: Namespace) -> None:
    """Refuse what can't be done now, and what nobody would do."""
    name = options.name
    phase = str(mapping(obj.get("status")).get("phase") or "")
    accepted = [stage.value for stage in POSSIBLE[action]]
    if phase not in accepted:
        shown = phase or "not there yet"
        raise CommandFailed(
            f"{name} is {shown}: {action.value} is possible in {', '.join(accepted)}"
        )
    if standing(obj).engine != "canary-engine":
        raise CommandFailed(f"{name} is not run by this engine: nobody would {action.value} it")


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
