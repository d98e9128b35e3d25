"""Reading Kubernetes objects for the oracles: plain facts, no opinion of the engine's."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Obj = Mapping[str, Any]
ROUTES = ("virtualservices", "httproutes")
SERVICE_LABEL = "kubernetes.io/service-name"


def backends(route: Obj) -> Iterator[tuple[tuple[str, int], ...]]:
    """For each rule of a route: (Service, weight) of its backends."""
    if route["kind"] == "HTTPRoute":
        for rule in route["spec"]["rules"]:
            yield tuple((ref["name"], int(ref.get("weight", 1))) for ref in rule["backendRefs"])
        return
    for rule in route["spec"].get("http") or route["spec"].get("tcp") or ():
        refs = rule["route"]
        whole = 100 if len(refs) == 1 else 0
        yield tuple(
            (str(ref["destination"]["host"]), int(ref.get("weight", whole))) for ref in refs
        )


def split(route: Obj, canary: str) -> tuple[int, int]:
    """(everybody else's, the canary's) weight in the last rule that names the canary: with A/B the
    one for requests that match, with session affinity the one for users without a cookie."""
    rules = list(backends(route))
    naming = [rule for rule in rules if any(name == canary for name, _ in rule)]
    last = (naming or rules)[-1]
    ours = sum(weight for name, weight in last if name == canary)
    return sum(weight for _, weight in last) - ours, ours


def serves(route: Obj, canary: str) -> bool:
    """Whether any request goes to the canary."""
    return any(name == canary and weight > 0 for rule in backends(route) for name, weight in rule)


def copies(route: Obj) -> bool:
    """Whether somebody gets a copy of the primary's requests."""
    if route["kind"] == "HTTPRoute":
        rules = route["spec"]["rules"]
        return any(f["type"] == "RequestMirror" for r in rules for f in r.get("filters") or ())
    return any("mirror" in rule for rule in route["spec"].get("http") or ())


def image(workload: Obj) -> str:
    """Image of the first container of a workload's template."""
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])


def content(workload: Obj) -> Obj:
    """A workload's template, but for what sends a DaemonSet to zero."""
    template: Obj = copy.deepcopy(workload["spec"]["template"])
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
    template = str((run.get("revision") or {}).get("template", ""))
    return template, f"{template}-{run.get('attempt')}" if run else ""


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
        return [*stays, Place(number + 1, False, 100)]
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


def pinned(pin: Obj) -> tuple[str, str]:
    """(digest, image) of the template that a ControllerRevision pins."""
    return str(pin["data"]["digest"]), image({"spec": {"template": pin["data"]["template"]}})


def seconds(duration: str) -> float:
    """A duration of one unit, as the scenarios spell it; the engine waits 10 s at least."""
    number, unit = float(duration[:-1]), duration[-1]
    return max(10.0, number * {"s": 1, "m": 60, "h": 3600}[unit])
