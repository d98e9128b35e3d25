"""The annotations by which ingress-nginx takes an Ingress for a canary (providers 7, 24.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from providers import conditions, names
from providers.interface import Object, Problem, Routing

_TOTAL = 100
"""What a weight is a part of. A total that somebody else sets is set back to it (D19)."""

_ACCEPTED = {"header": "exact and regex", "cookie": "exact, the name of the cookie"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """All annotations below ``prefix``/canary that the canary Ingress is to have, and no others."""

    prefix: str
    values: Mapping[str, str]

    def patch(self, live: Object) -> list[dict[str, Any]]:
        """JSON Patch that removes others of them, whoever wrote them, and sets these; empty when
        there are no others: what is missing or differs is then a matter of applying.

        One that stays would send the canary requests at weight 0 (D18).
        """
        have = live["metadata"].get("annotations") or {}
        strays = {
            key
            for key in have
            if key.startswith(f"{self.prefix}/canary") and key not in self.values
        }
        if not strays:
            return []
        kept = {key: value for key, value in have.items() if key not in strays}
        path = "/metadata/annotations"
        return [
            {"op": "test", "path": path, "value": dict(have)},
            {"op": "replace", "path": path, "value": {**kept, **self.values}},
        ]


def wanted(canary: Object, routing: Routing, prefix: str) -> Wanted:
    """The annotations for ``routing``.

    In an A/B test requests match or they don't: anything below 100 sends nobody to the canary.
    """
    testing = conditions.analysed(canary)
    weight = 0 if testing else routing.canary
    tested = _test(canary) if testing and routing.canary == _TOTAL else {}
    found = {"canary": "true", "canary-weight": str(weight), **tested}
    return Wanted(prefix, {f"{prefix}/{key}": value for key, value in found.items()})


def share(live: Object, canary: Object, prefix: str) -> int | str:
    """The canary's share in percent, or what keeps the annotations from having one."""
    have = {
        key.removeprefix(f"{prefix}/"): value
        for key, value in (live["metadata"].get("annotations") or {}).items()
        if key.startswith(f"{prefix}/canary")
    }
    if have.get("canary") != "true":
        return f"is no canary: annotation {prefix}/canary is {have.get('canary')!r}"
    try:
        weight = int(have.get("canary-weight", "0"))
        total = int(have.get("canary-weight-total", str(_TOTAL)))
    except ValueError as error:
        return f"has a weight that is no number: {error}"
    if total <= 0 or not 0 <= weight <= total or weight * 100 % total:
        return f"has weight {weight} of {total}, which is no whole percentage"
    matching = [key for key in have if key.startswith("canary-by-")]
    if not conditions.analysed(canary):
        if matching:
            return f"sends requests by {', '.join(sorted(matching))}, whatever its weight"
        return weight * 100 // total
    if weight:
        return f"sends {weight} of {total} requests on no condition"
    return _TOTAL if matching else 0


def _test(canary: Object) -> dict[str, str]:
    """Annotations of an A/B test: requests with the header, or else with the cookie; none where
    they would be for other requests than was asked (D8)."""
    found: dict[str, str] = {}
    if list(ab_problems(canary)):
        return found
    for item in conditions.analysed(canary):
        for name, condition in (item.get("headers") or {}).items():
            if name.lower() == "cookie":
                found["canary-by-cookie"] = condition["exact"]
                continue
            found["canary-by-header"] = name
            if condition.get("exact") is not None:
                found["canary-by-header-value"] = condition["exact"]
            else:
                found["canary-by-header-pattern"] = condition["regex"]
    return found


def ab_problems(canary: Object) -> Iterator[Problem]:
    """What of an A/B test one header and one cookie can't express (D17, D18)."""
    items, field = conditions.analysed(canary), "spec.analysis.match"
    if not items:
        return
    analysis = names.analysis(canary)
    for steps in ("stepWeight", "stepWeights", "stepWeightPromotion"):
        if analysis.get(steps):
            path = f"spec.analysis.{steps}"
            text = "provider nginx can't split requests that match: remove one, or use iterations"
            yield Problem(path, f"{path} is set beside {field}: {text}")
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        path = f"{field}[{index}]"
        headers = item.get("headers") or {}
        other = [key for key in ("queryParams", "sourceLabels") if item.get(key)]
        if other or len(headers) != 1:
            yield Problem(path, f"{path}: provider nginx needs exactly one header in each item")
            continue
        ((name, condition),) = headers.items()
        kind = "cookie" if name.lower() == "cookie" else "header"
        ways = ("exact",) if kind == "cookie" else ("exact", "regex")
        if not any(condition.get(way) for way in ways):
            text = f"provider nginx can't tell {dict(condition)}: accepted are {_ACCEPTED[kind]}"
            yield Problem(f"{path}.headers.{name}", f"{path}.headers.{name}: {text}")
        if kind in seen:
            text = f"is a second {kind} beside {field}[{seen[kind]}]: provider nginx takes one"
            yield Problem(path, f"{path} {text}")
        seen.setdefault(kind, index)
