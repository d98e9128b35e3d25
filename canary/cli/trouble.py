"""What keeps a Canary from being run, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from canary.cli.session import mapping
from canary.kube.resources import Obj
from canary.rollout.status import BLOCKED, WARNING


@dataclass(frozen=True, slots=True)
class Trouble:
    """``blocks``: nothing moves until it is mended; else something applies other than written."""

    reason: str
    message: str
    todo: str
    blocks: bool = True


_TODO: Mapping[str, str] = {
    "InvalidSpec": "correct the field in the manifest and apply it",
    "Unsupported": "remove the field, or leave this Canary to Flagger until it is supported",
    "Suspended": "set spec.suspend to false to go on",
    "TargetConflict": "delete one of the two Canaries, or give one another spec.targetRef",
    "TargetMissing": "create the workload, or correct spec.targetRef",
    "UnusableSelector": "give the workload's selector a label that -selector-labels lists",
    "ServiceTaken": "choose another spec.service.name",
    "ConfigMissing": "create it, or remove the reference from the pod template",
    "ConfigLost": "put the promoted data back, or roll out a new revision",
    "RouteKindMissing": "install the CRDs of the traffic provider, or change spec.provider",
    "DependencyMissing": "create that Canary, or remove it from spec.engine.dependsOn",
    "DependencyCycle": "remove one of the entries from spec.engine.dependsOn",
    "DependencyUnwatched": "let the engine watch that namespace, or remove the entry",
    "DriftContested": "stop the other writer: metadata.managedFields names it",
}


def troubles(obj: Obj, refused: str) -> tuple[Trouble, ...]:
    """All of them, those that block first. ``refused`` is why the engine leaves it alone."""
    found = list(_found(obj, refused))
    return (*(t for t in found if t.blocks), *(t for t in found if not t.blocks))


def _found(obj: Obj, refused: str) -> Iterator[Trouble]:
    meta, status = obj["metadata"], mapping(obj.get("status"))
    if refused:
        yield Trouble("StatusRefused", refused, "do what the message says")
    if meta.get("deletionTimestamp"):
        held = ", ".join(meta.get("finalizers") or ()) or "nothing"
        yield Trouble(
            "Deleted", "the Canary is being deleted", f"wait; finalizers that hold it: {held}"
        )
    conditions = [mapping(entry) for entry in status.get("conditions") or ()]
    for condition in conditions:
        if condition.get("type") not in (BLOCKED, WARNING) or condition.get("status") != "True":
            continue
        reason = str(condition.get("reason", ""))
        blocks = condition["type"] == BLOCKED
        todo = _TODO.get(reason, "see its events") if blocks else "write what you mean"
        yield Trouble(reason, str(condition.get("message", "")), todo, blocks)
    told = any(condition.get("reason") == "Suspended" for condition in conditions)
    if mapping(obj.get("spec")).get("suspend") is True and not told:
        yield Trouble("Suspended", "spec.suspend is true", _TODO["Suspended"])
    if not status.get("phase"):
        yield Trouble(
            "NotSeen",
            "no engine has looked at this Canary yet",
            f"see that one runs and watches the namespace {meta.get('namespace', '')}",
        )
