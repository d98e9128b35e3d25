"""What has to precede a step and a promotion (S3, S4, S7): the plan, a passed check, open gates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.outcome import Values
from canary.api.hooks import HookType
from simulation.oracles.reading import Place, following, planned, stay, window
from simulation.oracles.seen import Seen, Status
from simulation.polled import Heard, Poll
from simulation.world import World

FIRST_PASS = 99.0
"""The least success rate that passes in every scenario."""
BEFORE = (HookType.PRE_ROLLOUT,)
WITHIN = (HookType.ROLLOUT,)

OPENED = (HookType.CONFIRM_TRAFFIC_INCREASE, HookType.CONFIRM_PROMOTION)
"""Gates within a run that somebody may open by hand."""


class Evidence:
    """Looks for it in what the engine was told."""

    def __init__(self, world: World, name: str, seen: Seen) -> None:
        self._world, self._name, self._seen = world, name, seen

    def step(self, canary: Any, was: Status, place: Place, run: str) -> Iterator[str]:
        """A run goes on to ``place``: the next one of the plan, after a passed check."""
        if run != was.run:
            was = Status(run=run, since=self._world.time, began=was.since)
        what = f"{tuple(was.place)} -> {tuple(place)}"
        if place != following(canary, was.place):
            yield f"S3: {what}, the plan is {[tuple(p) for p in planned(canary)]}"
        if was.place == Place():
            services = [f"{apex}-canary" for apex in self._world.apexes[self._name]]
            if not any(self._world.known(service) for service in services):
                yield f"S3: first step {tuple(place)} with an unready canary"
            # Its gate was asked before the run was of record.
            if not self._seen.begun:
                yield from self._open(canary, (HookType.CONFIRM_ROLLOUT,), was, what, 0.0)
            yield from self._open(canary, (*BEFORE, HookType.CONFIRM_TRAFFIC_INCREASE), was, what)
            return
        yield from self._checked(canary, was, what)
        yield from self._open(canary, (HookType.CONFIRM_TRAFFIC_INCREASE,), was, what)

    def promotion(self, canary: Any, was: Status) -> Iterator[str]:
        """A run leaves the analysis upwards: from the last place of the plan, with its check."""
        if following(canary, was.place) is not None:
            places = [tuple(place) for place in planned(canary)]
            yield f"S4: promoted at {tuple(was.place)} of {places}"
        yield from self._checked(canary, was, "promotion")
        yield from self._open(canary, (HookType.CONFIRM_PROMOTION,), was, "promotion")

    def misled(self, was: Status) -> bool:
        """Whether old answers were repeated to whoever judged the place ``was``: a server that does
        so can let anything pass."""
        return not all(heard.honest for heard in self._heard(was.since))

    def _heard(self, since: float) -> list[Heard]:
        """The answers about this Canary that were asked for since a moment."""
        asked = self._world.asked
        return [heard for heard in asked if heard.canary == self._name and heard.began >= since]

    def _checked(self, canary: Any, was: Status, what: str) -> Iterator[str]:
        """A passed evaluation, asked for after the stay, precedes a step."""
        since = was.since + stay(canary, was.weight) - self._world.behind
        heard = self._heard(since)
        last = heard[-1].outcome if heard else None
        if last is None:
            yield f"S3: {what} without an evaluation of its own after {since:g} s"
        elif not isinstance(last, Values) or min(last.values) < FIRST_PASS:
            yield f"S7: {what} although the last answer was {last}"
        begins = heard[-1].began - window(canary) + self._world.behind if heard else 0.0
        # When traffic ended is on record by the wall clock, which has to survive a restart.
        timely = self._world.places.timely
        for run, until in self._seen.carried.items():
            if heard and run != was.run and begins < until and timely:
                yield f"S5: {what} by a window with traffic of {run}, that ended at {until:g} s"
        yield from self._open(canary, WITHIN, was, what, since)

    def _open(
        self,
        canary: Any,
        kinds: tuple[HookType, ...],
        was: Status,
        what: str,
        since: float | None = None,
    ) -> Iterator[str]:
        """The webhooks of these ``kinds`` said yes, and none that asks for a rollback did."""
        since = was.began if since is None else since
        hooks = canary["spec"]["analysis"].get("webhooks") or ()
        for hook in hooks:
            last = self._last(hook["name"], since)
            if hook["type"] in kinds and not (last and last.passed):
                if hook["type"] in OPENED and self._seen.approvals > 0:
                    self._seen.approvals -= 1  # opened by hand, once
                    continue
                yield f"S7: {what} although {hook['name']} said {last and last.passed}"
            if hook["type"] == HookType.ROLLBACK and last and last.passed:
                yield f"S7: {what} although {hook['name']} asked for a rollback"

    def _last(self, hook: str, since: float) -> Poll | None:
        """What the writing process was told last; what another one was, if it wasn't."""
        polled = [p for p in self._world.polled if p.hook == hook and p.began >= since]
        lasts = {p.process: p for p in polled}
        own = lasts.get(self._world.writer)
        # Of two that believe to lead, one goes on with the run that the other was let begin.
        begun = [p for p in lasts.values() if p.type is HookType.CONFIRM_ROLLOUT and p.passed]
        return next(iter(begun), own or next(reversed(polled), None))
