"""The objects of a cluster as they can be compared: without times, versions and identities."""

from __future__ import annotations

from typing import Any

from canary.sandbox.jsonvalue import thaw
from simulation.oracles.routes import TENDED, tended
from simulation.plan import Fault
from tests.rig.stage import Stage

KINDS = (
    "canaries",
    "deployments",
    "daemonsets",
    "services",
    "virtualservices",
    "destinationrules",
    "httproutes",
    "ingresses",
    "configmaps",
    "secrets",
    "controllerrevisions",
    "horizontalpodautoscalers",
    "scaledobjects",
)
UNTENDED = {
    "delete", "drop-route", "drop-apex", "drop-service", "broken-image", "route-by-hand"
}  # fmt: skip
"""What Services and routes of a former name or provider don't get over by themselves."""
_TIMES = ("lastTransitionTime", "lastUpdateTime", "observedGeneration")
_SERVERS = ("clusterIP", "clusterIPs")


def end_state(stage: Stage, namespace: str = "test") -> dict[str, Any]:
    """The objects of ``namespace``, less times, versions and what a restart may leave."""
    found: dict[str, Any] = {}
    storage = stage.cluster.server.storage
    for resource in storage.resources():
        if resource.plural not in KINDS:
            continue
        for key, obj in storage.all(resource):
            if key.namespace == namespace:
                found[f"{resource.plural}/{key.name}"] = _settled(obj)
    return found


def comparable(state: dict[str, Any], faults: tuple[Fault, ...]) -> dict[str, Any]:
    """``state`` without what ``faults`` may rightly change for good.

    After a run more or less the primary bears another mark and visitors other cookies, a label that
    somebody put on an object stays, and a Canary that was made anew may only have been
    initialised. What a deletion gave back (``revertOnDeletion``) is nobody's for good, if it was
    there by then. Nobody tends Services and routes of a name, or of a provider, that the Canary had
    before: those that somebody deleted or edited stay so, and a first image that never started made
    none.
    """
    kinds = {fault.kind for fault in faults}
    former = _former(state) if kinds & UNTENDED else set()
    state = {name: thaw(obj) for name, obj in state.items() if name not in former}
    specs = [obj["spec"] for name, obj in state.items() if name.startswith("canaries/")]
    sticky = any((spec.get("analysis") or {}).get("sessionAffinity") for spec in specs)
    given_back = any(spec.get("revertOnDeletion") for spec in specs)
    resized = bool(kinds & {"replicas", "to-zero", "scale-primary", "autoscaler"})
    for name, obj in state.items():
        if "drop-route" in kinds and name.startswith("virtualservices/"):
            # One of somebody's own that is dropped is made by the engine, as its own.
            obj["spec"] = {k: v for k, v in obj["spec"].items() if k not in ("hosts", "gateways")}
        if "drop-apex" in kinds and name == "services/podinfo":
            # So is a Service.
            obj["labels"].pop("app", None)
        template = (obj.get("spec") or {}).get("template") or {}
        for pods in (template, (obj.get("data") or {}).get("template") or {}):
            if (pods.get("spec") or {}).get("nodeSelector") == {}:
                # A DaemonSet that was at zero once: it means the same as none.
                del pods["spec"]["nodeSelector"]
        (template.get("metadata", {}).get("annotations") or {}).pop("flagger-id", None)
        if sticky and "http" in (obj.get("spec") or {}):
            rules = [rule["route"] for rule in obj["spec"]["http"]]
            # A Canary that was made anew has no cookie that visitors could be told to forget.
            obj["spec"]["http"] = rules[-1:] if "delete" in kinds else rules
        if given_back:
            obj.pop("owners")
        if "label" in kinds:
            pinned = ((obj.get("data") or {}).get("settings") or {}).get("metadata") or {}
            for words in (obj["labels"], pinned.get("labels"), pinned.get("annotations")):
                for word in ("team", "note"):
                    (words or {}).pop(word, None)
        if resized and template:
            # How big a workload is to be is then a matter of who came last.
            obj["spec"].pop("replicas", None)
            obj["status"] = {}
        if (obj.get("status") or {}).get("phase") in ("Initialized", "Succeeded"):
            obj["status"] = {"at": "rest"}
    return state


def _former(state: dict[str, Any]) -> set[str]:
    """Services and routes that aren't those of the Canary, as it is now."""
    specs = [obj["spec"] for name, obj in state.items() if name.startswith("canaries/")]
    if len(specs) != 1:
        return set()
    plurals, apex = tended(specs[0])
    known = {"services", *(plural for plurals in TENDED.values() for plural in plurals)}
    return {
        name
        for name in state
        if name.partition("/")[0] in known
        and not name.startswith(tuple(f"{plural}/{apex}" for plural in ("services", *plurals)))
    }


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two states differ, as lines."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = []
        for name in sorted({*one, *other}):
            found += differences(one.get(name), other.get(name), f"{path}.{name}" if path else name)
        return found
    return [] if one == other else [f"{path}: {one!r} instead of {other!r}"]


def _settled(obj: Any) -> dict[str, Any]:
    kept = {k: thaw(v) for k, v in obj.items() if k in ("spec", "data", "status")}
    meta = obj["metadata"]
    kept["labels"] = meta.get("labels") or {}
    kept["owners"] = [owner["name"] for owner in meta.get("ownerReferences") or ()]
    spec, status = kept.get("spec") or {}, kept.get("status") or {}
    for name in _SERVERS:
        spec.pop(name, None)
    for name in _TIMES:
        status.pop(name, None)
    if "replicas" in spec:
        # A workload's conditions tell of its past.
        status.pop("conditions", None)
    if "scaleTargetRef" in spec:
        # What an autoscaler saw when it last looked is a matter of the moment.
        kept["status"] = status = {}
    for holder in (status, *(status.get("parents") or ())):
        for condition in holder.get("conditions") or ():
            for name in _TIMES:
                condition.pop(name, None)
    engine = status.pop("engine", {})
    if engine:
        status["promoted"] = _revision(engine.get("promoted"))
        status["primary"] = _revision(engine.get("primary"))
        status["weight"] = engine["weight"]
        status["outbox"] = engine.get("outbox", [])
    return kept


def _revision(found: dict[str, Any] | None) -> Any:
    return (found or {}).get("template"), (found or {}).get("configs")
