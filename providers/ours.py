"""The engine's own rules in a route that a user made, told from the user's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from providers import conditions, cookies, names
from providers.interface import Object, Routing

Rule = dict[str, Any]

MATCH = "engine.flagger.app/match"
"""Annotation of a user's route: the ``analysis.match`` for which the engine's rules in it are."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """What one kind of route looks like.

    ``leads`` gives 2 for a rule to primary and canary and nothing else, 1 for one to the apex or
    the primary alone, else 0. ``bearers`` gives the cookies that a rule is for, ``for_test``
    whether it is an A/B test's.
    """

    leads: Callable[[Rule, Object], int]
    bearers: Callable[[Rule, Object], Any]
    for_test: Callable[[Rule, Object], bool]

    def within(self, live: Object, canary: Object) -> Ours:
        """The engine's own rules of ``canary`` in ``live``."""
        return Ours(self, canary, _as_it_was(live, canary))


@dataclass(frozen=True, slots=True)
class Ours:
    """The rules of one route. ``before`` is the Canary with the match that it had when they were
    made: after an edit they are no less the engine's."""

    shapes: Shapes
    canary: Object
    before: Object

    def leads(self, rule: Rule) -> int:
        """As that of the shapes."""
        return self.shapes.leads(rule, self.canary)

    def own(self, rule: Rule) -> bool:
        """Whether the engine made this rule for an A/B test or for bearers of a cookie."""
        if self.leads(rule) != 2:
            return False
        tested = any(self.shapes.for_test(rule, each) for each in (self.canary, self.before))
        return tested or bool(self.shapes.bearers(rule, self.canary))

    def handed_out(self, found: Sequence[Rule]) -> tuple[str, ...]:
        """How the cookies begin that these rules hand out in the engine's name."""
        own = [rule for rule in found if self.own(rule)]
        pairs = [self.shapes.bearers(rule, self.canary) for rule in own]
        return cookies.beginnings(self.canary, pairs)

    def users_rules(self, found: Sequence[Rule]) -> list[Rule]:
        """The rules without the engine's own; where all are its own, none is left out."""
        kept = [rule for rule in found if not self.own(rule)]
        return kept if any(self.leads(rule) for rule in kept) else list(found)

    def anew(
        self,
        found: Sequence[Rule],
        routing: Routing,
        around: Callable[[Rule, Object, Routing, tuple[str, ...]], Iterator[Rule]],
    ) -> Iterator[Rule]:
        """The rules with the engine's own made anew by ``around``."""
        mine = self.handed_out(found)
        for rule in self.users_rules(found):
            if self.leads(rule):
                yield from around(rule, self.canary, routing, mine)
            else:
                yield rule


def annotated(live: Object, canary: Object) -> dict[str, str]:
    """The annotations of a user's route while the engine has rules in it."""
    have = dict(live["metadata"].get("annotations") or {})
    have.pop(MATCH, None)
    return {**have, **names.FLUX_MARKERS, **_match(canary)}


def tells_another_match(live: Object, canary: Object) -> bool:
    """Whether the route says that its rules are for another match than that of ``canary``."""
    told = (live["metadata"].get("annotations") or {}).get(MATCH)
    return bool(told != _match(canary).get(MATCH))


def _match(canary: Object) -> dict[str, str]:
    items = conditions.analysed(canary)
    return {MATCH: json.dumps(items, sort_keys=True, separators=(",", ":"))} if items else {}


def _as_it_was(live: Object, canary: Object) -> Object:
    told = (live["metadata"].get("annotations") or {}).get(MATCH)
    try:
        items = json.loads(told or "[]")
    except ValueError:
        return canary
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return canary
    spec = canary["spec"]
    return {**canary, "spec": {**spec, "analysis": {**names.analysis(canary), "match": items}}}
