"""Reading Kubernetes objects for the oracles: plain facts, no opinion of the engine's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
    """(everybody else's, the canary's) weight in the last rule of a route."""
    last = list(backends(route))[-1]
    ours = sum(weight for name, weight in last if name == canary)
    return sum(weight for _, weight in last) - ours, ours


def image(workload: Obj) -> str:
    """Image of the first container of a workload's template."""
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])


def ready(endpoints: Obj) -> int:
    """Ready endpoints of an EndpointSlice."""
    return sum(bool(e["conditions"]["ready"]) for e in endpoints.get("endpoints") or ())


def run_of(status: Obj) -> tuple[str, str]:
    """(template digest, identity) of the run of record; empty without one."""
    run = (status.get("engine") or {}).get("run") or {}
    template = str((run.get("revision") or {}).get("template", ""))
    return template, f"{template}-{run.get('attempt')}" if run else ""


def planned(canary: Obj) -> list[int]:
    """The weights that the spec plans, in their order (from the manual, not from the engine)."""
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
