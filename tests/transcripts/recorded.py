"""What the recordings of Flagger 1.44 hold, in the form in which ours can be compared with it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "recordings"
NAMES = (
    "gw-happy",
    "gw-fail",
    "istio-happy",
    "config-change",
    "nginx-happy",
    "hpa",
    "k8s-bluegreen",
    "istio-ab",
    "gw-affinity",
)
WAIT = " not ready: waiting for rollout to finish"
"""How events begin to say which pods are waited for."""
State = tuple[str, int, int, int, str]
"""Phase, weight, iterations, failed checks, and the split of the route as ``80/20``, ``-`` where
there is none."""

# The value of the cookie ``aff``, set or looked for: Flagger draws it at random.
_COOKIE = re.compile(r"\baff(=|\.\*)[A-Za-z]{10}\b")
ANCHORED = r"^(.*;\s*)?aff=of the run(;.*)?$"


def load(name: str) -> dict[str, Any]:
    """One recording."""
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return found


def api_version(kind: str) -> str:
    """The version in which a kind was recorded."""
    return {
        "Deployment": "apps/v1",
        "DaemonSet": "apps/v1",
        "Canary": "flagger.app/v1beta1",
        "HTTPRoute": "gateway.networking.k8s.io/v1",
        "VirtualService": "networking.istio.io/v1beta1",
        "DestinationRule": "networking.istio.io/v1beta1",
        "Ingress": "networking.k8s.io/v1",
        "HorizontalPodAutoscaler": "autoscaling/v2",
        "ScaledObject": "keda.sh/v1alpha1",
    }.get(kind, "v1")


def states(recording: dict[str, Any]) -> list[State]:
    """The states from the trigger on, each once."""
    found: list[State] = []
    for entry in recording["timeline"][1:]:
        split = _split(entry)
        weight = entry["canaryWeight"]
        if entry["iterations"] and split != "-":
            # D17: the weight of record is that of the route, in an A/B test too.
            weight = int(split.partition("/")[2])
        iterations = max(entry["iterations"], 0)
        state = (entry["phase"], weight, iterations, entry["failedChecks"], split)
        if not found or found[-1] != state:
            found.append(state)
    return found


def _split(entry: dict[str, Any]) -> str:
    if "route app-canary" in entry:
        weight = int(entry["route app-canary"]["canary-weight"])
        return f"{100 - weight}/{weight}"
    rules = [rule for rule in entry.get("route app", ()) if len(rule) > 1]
    # The rule for those who bear the cookie comes first; the weighted one comes after it.
    return "/".join(str(weight) for _, weight in rules[-1]) if rules else "-"


def events(recording: dict[str, Any]) -> list[tuple[str, str]]:
    """Types and texts in their order; Flagger's recorder folds some, we send each (D37)."""
    found: list[tuple[str, str]] = []
    for event in recording["events"]:
        text = event["message"].removeprefix("(combined from similar events): ")
        # One entry each time that something failed; the rest are repetitions of every tick.
        times = event["count"] if text.startswith("Halt") else 1
        found += [(event["type"], text)] * times
    return found


def told(kind: str, text: str) -> tuple[str, str]:
    """An event; which pods a wait waits for depends on when one looks."""
    before, waits, _ = text.partition(WAIT)
    return kind, before + waits


def expected(key: str, recorded: dict[str, Any]) -> dict[str, Any]:
    """A recorded object in its normal form, as we mean to have it."""
    found = normal(recorded)
    if key.endswith("/app-primary"):
        # D32: the annotations are filtered at creation as they are at a promotion.
        found["metadata"].get("annotations", {}).pop("owner", None)
    if key.partition("/")[0] in ("HTTPRoute", "VirtualService"):
        # D39 of the providers: a cookie is found by an anchored expression.
        text = json.dumps(found).replace('".*aff.*of the run.*"', json.dumps(ANCHORED))
        found = json.loads(text)
    return found


def normal(obj: dict[str, Any]) -> dict[str, Any]:
    """An object less what a cluster gives at random, and with the run's id made one."""
    found = copy.deepcopy(obj)
    meta = found["metadata"]
    for field in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
        meta.pop(field, None)
    for reference in meta.get("ownerReferences", ()):
        reference.pop("uid", None)
    found.pop("status", None)
    found.pop("apiVersion", None)
    spec = found.get("spec") or {}
    for field in ("clusterIP", "clusterIPs"):
        spec.pop(field, None)
    template = spec.get("template") or {}
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    if "flagger-id" in annotations:
        annotations["flagger-id"] = "of the run"
    if found.get("kind", "HTTPRoute") in ("HTTPRoute", "VirtualService"):
        found = json.loads(_COOKIE.sub(r"aff\1of the run", json.dumps(found)))
    return found


def status_of(obj: dict[str, Any]) -> dict[str, Any]:
    """The status of a Canary, less times, hashes (D8), our own part, and the primary's cookie,
    which Flagger draws even where it has no name (D29)."""
    status = json.loads(_COOKIE.sub(r"aff\1of the run", json.dumps(obj["status"])))
    own = ("engine", "lastTransitionTime", "primarySessionAffinityCookie")
    for field in (*own, "lastAppliedSpec", "lastPromotedSpec"):
        status.pop(field, None)
    for condition in status["conditions"]:
        condition.pop("lastTransitionTime", None)
        condition.pop("lastUpdateTime", None)
    return status
