"""From one Service to another behind an HTTPRoute, so that no request meets an unknown one.

A gateway may learn of a route and of the Services behind it at different moments: Contour tells
Envoy of each on a stream of its own, and a request in between gets 503. So a Service that is new to
a route is named beside the old one first, at weight 0; then weights change; and what has lost its
weight is named until the gateway has taken that over too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers import names
from providers.gatewayapi_live import leads, normal, without_guests
from providers.gatewayapi_rules import backend
from providers.interface import Object

Rule = dict[str, Any]


def next_rules(
    found: Sequence[Rule], wanted: Sequence[Rule], canary: Object
) -> tuple[list[Rule], bool]:
    """The rules to write next on the way from ``found`` to ``wanted``.

    The second value: only once the gateways have had the time to take over those that are there.
    """
    have, want = _backends(found, canary), _backends(wanted, canary)
    serving = _backends([without_guests(rule, canary) for rule in found], canary)
    old = [ref for key, ref in have.items() if key not in want]
    new = {key: ref for key, ref in want.items() if key not in have}
    here, there = _leading(found, canary), _leading(wanted, canary)
    if here is None or there is None:
        return list(wanted), False
    # The canary comes in beside a primary that serves: at a weight that the gateway confirms first.
    if any(_weight(ref) for key, ref in new.items() if key != f"{names.apex(canary)}-canary"):
        return _with_guests(found, here, list(new.values())), False
    rules = _with_guests(wanted, there, old)
    if old and normal({"rules": rules}) == normal({"rules": found}):
        return list(wanted), True
    return rules, any(_weight(ref) for key, ref in want.items() if key in {*have} - {*serving})


def _backends(rules: Sequence[Rule], canary: Object) -> dict[str, Rule]:
    """The Services of the Canary's namespace that rules lead to: each once, where it gets most."""
    found: dict[str, Rule] = {}
    for rule in rules:
        for ref in rule.get("backendRefs") or ():
            name = backend(ref, canary["metadata"]["namespace"])
            if name and (name not in found or _weight(found[name]) < _weight(ref)):
                found[name] = ref
    return found


def _weight(ref: Mapping[str, Any]) -> int:
    return int(ref.get("weight", 1))


def _leading(rules: Sequence[Rule], canary: Object) -> int | None:
    """The first rule that is the engine's to change; None without one."""
    bare = (without_guests(rule, canary) for rule in rules)
    return next((index for index, rule in enumerate(bare) if leads(rule, canary)), None)


def _with_guests(rules: Sequence[Rule], place: int, refs: Sequence[Rule]) -> list[Rule]:
    if not refs:
        return list(rules)
    guests = [{k: v for k, v in ref.items() if k != "filters"} | {"weight": 0} for ref in refs]
    named = {**rules[place], "backendRefs": [*rules[place]["backendRefs"], *guests]}
    return [*rules[:place], named, *rules[place + 1 :]]
