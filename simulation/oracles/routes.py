"""Reading routes as their proxies would: Istio, Gateway API, and the canary Ingress of nginx."""

from __future__ import annotations

from collections.abc import Iterator

from simulation.oracles.reading import Obj

TENDED = {
    "istio": ("virtualservices", "destinationrules"),
    "gatewayapi:v1": ("httproutes",),
    "nginx": ("ingresses",),
}
"""What each provider routes by; the first one splits the traffic."""
ROUTES = tuple(plurals[0] for plurals in TENDED.values())
_NGINX = "nginx.ingress.kubernetes.io/canary"
_CONDITIONS = f"{_NGINX}-by-"


def carries(plural: str, name: str, canary: str) -> bool:
    """Whether an object is the one that splits the traffic of ``canary``: of Ingresses, the one
    beside the user's own."""
    return plural in ROUTES and name == (f"{canary}-canary" if plural == "ingresses" else canary)


def tended(spec: Obj) -> tuple[tuple[str, ...], str]:
    """What a Canary with this spec routes by, and the name of its apex Service and route."""
    apex = spec["service"].get("name") or spec["targetRef"]["name"]
    return TENDED.get(spec["provider"], ()), str(apex)


def backends(route: Obj) -> Iterator[tuple[tuple[str, int], ...]]:
    """For each rule of a route: (Service, weight) of its backends."""
    if route["kind"] == "HTTPRoute":
        for rule in route["spec"]["rules"]:
            yield tuple((ref["name"], int(ref.get("weight", 1))) for ref in rule["backendRefs"])
    elif route["kind"] == "Ingress":
        yield from _paths(route)
    else:
        for rule in route["spec"].get("http") or route["spec"].get("tcp") or ():
            refs = rule["route"]
            whole = 100 if len(refs) == 1 else 0
            yield tuple(
                (str(ref["destination"]["host"]), int(ref.get("weight", whole))) for ref in refs
            )


def _paths(ingress: Obj) -> Iterator[tuple[tuple[str, int], ...]]:
    """Each path of an Ingress: all requests, or the share that its canary annotations ask for."""
    annotations = ingress["metadata"].get("annotations") or {}
    weight = 100
    if annotations.get(_NGINX) == "true":
        tested = any(key.startswith(_CONDITIONS) for key in annotations)
        weight = 100 if tested else int(annotations.get(f"{_NGINX}-weight", "0"))
    for rule in ingress["spec"].get("rules") or ():
        for path in rule["http"]["paths"]:
            yield ((path["backend"]["service"]["name"], weight),)


def split(route: Obj, canary: str) -> tuple[int, int]:
    """(everybody else's, the canary's) weight in the last rule that names the canary: with A/B the
    one for requests that match, with session affinity the one for users without a cookie."""
    rules = list(backends(route))
    naming = [rule for rule in rules if any(name == canary for name, _ in rule)]
    last = (naming or rules)[-1]
    ours = sum(weight for name, weight in last if name == canary)
    if route["kind"] == "Ingress":
        return 100 - ours, ours
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
