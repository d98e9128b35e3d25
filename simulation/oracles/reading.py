"""Reading Kubernetes objects for the oracles: plain facts, no opinion of the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from canary.sandbox.jsonvalue import thaw

Obj = Mapping[str, Any]
SERVICE_LABEL = "kubernetes.io/service-name"


def image(workload: Obj) -> str:
    """Image of the first container of a workload's template; of a Service as target, that of the
    pods that it selects."""
    if workload["kind"] == "Service":
        return f"podinfo:{workload['spec']['selector']['version']}"
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])


def content(workload: Obj) -> Obj:
    """A workload's template, but for what sends a DaemonSet to zero; whom a Service selects."""
    if workload["kind"] == "Service":
        selected: Obj = workload["spec"]["selector"]
        return selected
    template: Obj = thaw(workload["spec"]["template"])
    selector = template["spec"].get("nodeSelector") or {}
    selector.pop("flagger.app/scale-to-zero", None)
    if not selector:
        template["spec"].pop("nodeSelector", None)
    return template


def ready(endpoints: Obj) -> int:
    """Ready endpoints of an EndpointSlice."""
    return sum(bool(e["conditions"]["ready"]) for e in endpoints.get("endpoints") or ())


def run_of(status: Obj) -> tuple[str, str]:
    """(template digest, identity) of the run of record; empty without one."""
    run = (status.get("engine") or {}).get("run") or {}
    revision = run.get("revision") or {}
    template = str(revision.get("template", ""))
    # After a takeover attempts are counted anew: other data make it another run.
    data = "".join(f"-{digest}" for _, digest in sorted((revision.get("configs") or {}).items()))
    return template, f"{template}-{run.get('attempt')}{data}" if run else ""


class Place(NamedTuple):
    """Where a run is: its iteration, whether requests are mirrored, the canary's weight."""

    iteration: int = 0
    mirror: bool = False
    weight: int = 0


def place_of(status: Obj) -> Place:
    """The place of record."""
    mirror = bool((status.get("engine") or {}).get("mirror"))
    return Place(int(status.get("iterations", 0)), mirror, int(status.get("canaryWeight", 0)))


def following(canary: Obj, was: Place) -> Place | None:
    """What the spec plans after ``was``; None at the end (from the manual, not the engine)."""
    places = planned(canary)
    if places[0].iteration:
        return next((place for place in places if place.iteration > was.iteration), None)
    if was == Place():
        return places[0]
    return next((place for place in places if place.weight > was.weight), None)


def planned(canary: Obj) -> list[Place]:
    """All places that the spec plans, in their order."""
    analysis = canary["spec"].get("analysis") or {}
    number, mirror = int(analysis.get("iterations") or 0), bool(analysis.get("mirror"))
    if number and analysis.get("match"):
        return [Place(n, False, 100) for n in range(1, number + 1)]
    if number:
        stays = [Place(n, mirror, 0) for n in range(1, number + 1)]
        # Without a provider that routes, users stay on the primary.
        routed = canary["spec"].get("provider") != "kubernetes"
        return [*stays, Place(number + 1, False, 100 if routed else 0)]
    first = [Place(0, True, 0)] if mirror else []
    return first + [Place(0, False, weight) for weight in weights(canary)]


def weights(canary: Obj) -> list[int]:
    """The rising weights that the spec plans."""
    analysis = canary["spec"].get("analysis") or {}
    if told(canary):
        return [int(step["weight"]) for step in told(canary)]
    step, most = int(analysis.get("stepWeight") or 0), int(analysis.get("maxWeight") or 100)
    if step:
        return [min(weight, 100) for weight in range(step, most + step, step)]
    rising: list[int] = []
    for weight in analysis.get("stepWeights") or ():
        if min(weight, 100) > (rising[-1] if rising else 0):
            rising.append(min(int(weight), 100))
    return rising or [most]


def told(canary: Obj) -> list[Obj]:
    """The steps that the spec tells one by one."""
    return ((canary["spec"].get("analysis") or {}).get("engine") or {}).get("steps") or []


def stay(canary: Obj, weight: int) -> float:
    """Seconds that ``weight`` is served at least before it is left."""
    interval = str(canary["spec"]["analysis"].get("interval", "1m"))
    own = [s.get("duration") or interval for s in told(canary) if s["weight"] == weight]
    return seconds(own[0] if own else interval)


def window(canary: Obj) -> float:
    """Seconds that the longest of its queries looks back."""
    metrics = canary["spec"]["analysis"].get("metrics") or ()
    return max((seconds(metric["interval"]) for metric in metrics), default=0.0)


def pinned(pin: Obj) -> tuple[str, str]:
    """(digest, image) of the template that a ControllerRevision pins."""
    template = pin["data"]["template"]
    if "selector" in template:
        return str(pin["data"]["digest"]), image({"kind": "Service", "spec": template})
    return str(pin["data"]["digest"]), image({"kind": "", "spec": {"template": template}})


def seconds(duration: str) -> float:
    """A duration of one unit, as the scenarios spell it; the engine waits 10 s at least."""
    number, unit = float(duration[:-1]), duration[-1]
    return max(10.0, number * {"s": 1, "m": 60, "h": 3600}[unit])
