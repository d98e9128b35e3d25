"""The form of a recording: states of a timeline, objects and events."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from canary.kube.resources import (
    AUTOSCALERS,
    CANARIES,
    CONFIG_MAPS,
    DAEMON_SETS,
    DEPLOYMENTS,
    SCALED_OBJECTS,
    SECRETS,
    SERVICES,
    Obj,
    Resource,
)
from e2e.routes import HTTP_ROUTES, INGRESSES, VIRTUAL_SERVICES
from e2e.stack.image import tag_of

DESTINATION_RULES = Resource(
    "networking.istio.io", "v1beta1", "destinationrules", "DestinationRule"
)
SHIFTED = Resource("networking.istio.io", "v1beta1", "virtualservices", VIRTUAL_SERVICES.kind)
"""Istio's routes in the version that Flagger writes."""
ROUTES = (HTTP_ROUTES, SHIFTED, INGRESSES)
RECORDED = (
    *(DEPLOYMENTS, DAEMON_SETS, SERVICES, CONFIG_MAPS, SECRETS, AUTOSCALERS, SCALED_OBJECTS),
    *(HTTP_ROUTES, SHIFTED, DESTINATION_RULES, INGRESSES, CANARIES),
)
"""Kinds whose objects are kept, in this order."""
_STATUS = ("phase", "canaryWeight", "iterations", "failedChecks")
_OFF = "flagger.app/scale-to-zero"
_RANDOM = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")


def state(canary: Obj | None, workloads: Iterable[Obj], routes: Iterable[Obj]) -> dict[str, Any]:
    """One entry of a timeline, less its time; ``gone`` where there is no Canary any more."""
    status = (canary or {}).get("status") or {}
    found: dict[str, Any] = {key: status[key] for key in _STATUS if key in status}
    if canary is None:
        found["gone"] = True
    found["conditions"] = [
        [condition[key] for key in ("type", "status", "reason")]
        for condition in status.get("conditions") or ()
    ]
    for route in sorted(routes, key=_name):
        found[f"route {_name(route)}"] = _split(route)
        if mirrors := _mirrors(route):
            found[f"mirror {_name(route)}"] = mirrors
    for one in sorted(workloads, key=_name):
        template = one["spec"]["template"]["spec"]
        size: Any = one["spec"].get("replicas")
        if size is None:  # A DaemonSet goes by its node selector.
            size = "off" if _OFF in (template.get("nodeSelector") or {}) else "on"
        found[_name(one)] = [size, tag_of(template["containers"][0]["image"])]
    return found


def _name(obj: Obj) -> str:
    return str(obj["metadata"]["name"])


def _split(route: Obj) -> Any:
    spec = route["spec"]
    if route["kind"] == INGRESSES.kind:
        annotations = sorted((route["metadata"].get("annotations") or {}).items())
        named = ((key.partition("/")[2], value) for key, value in annotations)
        return {name: value for name, value in named if name.startswith("canary")}
    rules = spec.get("http") or spec.get("tcp")
    if rules:
        return [
            [[one["destination"]["host"], one.get("weight", 100)] for one in rule["route"]]
            for rule in rules
        ]
    return [
        [[one["name"], one.get("weight", 1)] for one in rule.get("backendRefs") or ()]
        for rule in spec["rules"]
    ]


def _mirrors(route: Obj) -> list[Any]:
    """What gets copies, and how many of them (None: all)."""
    found: list[Any] = []
    for rule in route["spec"].get("http") or ():
        if "mirror" in rule:
            percent = (rule.get("mirrorPercentage") or {}).get("value")
            found.append([rule["mirror"]["host"], percent])
    for rule in route["spec"].get("rules") or ():
        for one in rule.get("filters") or ():
            if one["type"] == "RequestMirror":
                mirror = one["requestMirror"]
                found.append([mirror["backendRef"]["name"], mirror.get("percent")])
    return found


def cleaned(obj: Obj) -> dict[str, Any]:
    """An object less what is never twice the same; only a Canary keeps its status."""
    found: dict[str, Any] = copy.deepcopy(dict(obj))
    for key in _RANDOM:
        found["metadata"].pop(key, None)
    for reference in found["metadata"].get("ownerReferences") or ():
        reference.pop("uid", None)
    if found["kind"] != CANARIES.kind:
        found.pop("status", None)
    if found["kind"] not in (SHIFTED.kind, DESTINATION_RULES.kind, CANARIES.kind):
        found.pop("apiVersion", None)
    return found


def event(obj: Obj) -> dict[str, Any]:
    """What was told, and how often."""
    told: dict[str, Any] = {key: obj[key] for key in ("type", "reason", "message")}
    return {**told, "count": obj.get("count", 1)}


def text(obj: Obj) -> str:
    """What an event says, less the words with which the recorder folds similar ones."""
    return str(obj["message"]).removeprefix("(combined from similar events): ")
