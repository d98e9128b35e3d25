"""The engine's own rules in a route that a user made, told from the user's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from providers import cookies
from providers.interface import Object, Routing

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ours:
    """What one kind of route looks like.

    ``leads`` gives 2 for a rule to primary and canary and nothing else, 1 for one to the apex or
    the primary alone, else 0. ``bearers`` gives the cookies that a rule is for, ``for_test``
    whether it is an A/B test's.
    """

    leads: Callable[[Rule, Object], int]
    bearers: Callable[[Rule, Object], Any]
    for_test: Callable[[Rule, Object], bool]

    def own(self, rule: Rule, canary: Object) -> bool:
        """Whether the engine made this rule for an A/B test or for bearers of a cookie."""
        if self.leads(rule, canary) != 2:
            return False
        return bool(self.bearers(rule, canary)) or self.for_test(rule, canary)

    def handed_out(self, found: Sequence[Rule], canary: Object) -> tuple[str, ...]:
        """How the cookies begin that these rules hand out in the engine's name."""
        own = [rule for rule in found if self.own(rule, canary)]
        return cookies.beginnings(canary, [self.bearers(rule, canary) for rule in own])

    def users_rules(self, found: Sequence[Rule], canary: Object) -> list[Rule]:
        """The rules without the engine's own; where all are its own, none is left out."""
        kept = [rule for rule in found if not self.own(rule, canary)]
        return kept if any(self.leads(rule, canary) for rule in kept) else list(found)

    def anew(
        self,
        found: Sequence[Rule],
        canary: Object,
        routing: Routing,
        around: Callable[[Rule, Object, Routing, tuple[str, ...]], Iterator[Rule]],
    ) -> Iterator[Rule]:
        """The rules with the engine's own made anew by ``around``."""
        mine = self.handed_out(found, canary)
        for rule in self.users_rules(found, canary):
            if self.leads(rule, canary):
                yield from around(rule, canary, routing, mine)
            else:
                yield rule
