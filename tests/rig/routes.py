"""What a live route of any provider says, read as its proxy would."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import Resource

ROUTES = ("virtualservices", "httproutes")
_WEIGHT = "canary-weight"
_CONDITIONS = "canary-by-"

VIRTUAL_SERVICES = Resource("networking.istio.io", "v1beta1", "virtualservices", "VirtualService")


def shares(route: dict[str, Any]) -> tuple[int, int]:
    """(primary, canary) of the last rule with both; of an A/B test, of the requests that match."""
    if route["kind"] == "Ingress":
        every = route["metadata"]["annotations"]
        annotations = {key.partition("/")[2]: value for key, value in every.items()}
        tested = any(key.startswith(_CONDITIONS) for key in annotations)
        weight = 100 if tested else int(annotations[_WEIGHT])
        return 100 - weight, weight
    first, second = _parts(_split(route))
    return first["weight"], second["weight"]


def mirrored(route: dict[str, Any]) -> bool:
    """Whether the rule with both sends the canary a copy."""
    if route["kind"] == "Ingress":
        return False
    rule = _split(route)
    return "mirror" in rule or any(f["type"] == "RequestMirror" for f in rule.get("filters", ()))


def weighs(plural: str, name: str) -> bool:
    """Whether an object is one that carries weights: of Ingresses, the canary's alone."""
    return plural in ROUTES or (plural == "ingresses" and name.endswith("-canary"))


def _parts(rule: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rule.get("backendRefs") or rule.get("route") or []
    return found


def splits(route: dict[str, Any]) -> bool:
    """Whether there is a primary and a canary; what was given back leads to one Service alone."""
    return route["kind"] == "Ingress" or any(len(_parts(rule)) == 2 for rule in _rules(route))


def _rules(route: dict[str, Any]) -> list[dict[str, Any]]:
    spec = route["spec"]
    found: list[dict[str, Any]] = spec.get("rules") or spec.get("http") or spec.get("tcp")
    return found


def _split(route: dict[str, Any]) -> dict[str, Any]:
    return [rule for rule in _rules(route) if len(_parts(rule)) == 2][-1]
