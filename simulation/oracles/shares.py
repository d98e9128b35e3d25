"""Where users are sent (S1, S2, S3, S8, S9): by a route, or else by the apex Service itself."""

from __future__ import annotations

from collections.abc import Iterator

from canary.kube.resources import CANARIES
from canary.sandbox.storage import Change
from simulation.oracles.reading import Obj
from simulation.oracles.routes import backends, serves, split, tended
from simulation.oracles.seen import UNSEEN, Route, Seen
from simulation.world import World


class Shares:
    """The route and the apex Service of one Canary."""

    def __init__(self, world: World, name: str, seen: Seen) -> None:
        self.world, self.name, self.seen = world, name, seen

    def route(self, change: Change, apex: str, ours: bool) -> Iterator[str]:
        """One change of the route."""
        seen, now, route = self.seen, self.world.time, (change.resource, apex)
        if not ours:
            seen.meddled = now
            if route not in seen.serving and not self._tended(change.resource.plural, apex):
                return  # given up before: whoever sends requests by it now answers for them
        if change.gone:
            seen.shares.pop(route, None)
            self._led(route, False)
            return
        rest, canary = split(change.obj, f"{apex}-canary")
        if serves(change.obj, apex):
            rest = 0  # given back: the apex Service gets it, not the primary
        for rule in backends(change.obj):
            weights = [weight for _, weight in rule if weight]
            # One that has it all is no split, whatever its weight.
            if ours and len(weights) > 1 and sum(weights) != 100:
                yield f"S1: weights {rule}"
        if ours and not 0 <= canary <= 100:
            yield f"S1: weight {canary}"
        before = seen.shares.get(route, (100, 0))
        if ours:
            yield from self._shifted(apex, before, (rest, canary))
        seen.shares[route] = (rest, canary)
        self._led(route, serves(change.obj, f"{apex}-canary"))

    def _led(self, route: Route, serving: bool) -> None:
        """Whether requests go to the canary by ``route``; where there is none, to the apex."""
        seen = self.seen
        (seen.serving.add if serving else seen.serving.discard)(route)
        if seen.serving:
            seen.zero_since = None
        elif seen.zero_since is None:
            seen.zero_since = self.world.time

    def _tended(self, plural: str, apex: str) -> bool:
        """Whether a route is the one that the Canary asks for; one that is gone asks for none."""
        canary = self.world.get(CANARIES, self.name)
        if canary is None:
            return False
        plurals, name = tended(canary["spec"])
        return plural in plurals and name == apex

    def _shifted(self, apex: str, before: tuple[int, int], after: tuple[int, int]) -> Iterator[str]:
        world, record = self.world, self.seen.status
        if world.late:
            # S9: what the record asked for when the request was sent is not a lie of today.
            wanted = {weight for at, weight in self.seen.recorded if at >= world.time - 60}
            if after[1] > record.weight and after[1] not in wanted:
                yield f"S9: a late write raised the canary to {after[1]} %"
            return
        if after[1] > before[1] and world.known(f"{apex}-canary") == 0:
            yield f"S2: {after[1]} % to a canary without a ready endpoint"
        if after[0] > before[0] and world.known(f"{apex}-primary") == 0:
            yield f"S2: {after[0]} % to a primary without a ready endpoint"
        lately = {weight for at, weight in self.seen.recorded if at >= world.time - UNSEEN}
        there = world.exists(self.name)
        if there and after[1] > before[1] and after[1] > max(record.weight, *lately, 0):
            yield f"S3: the route got {after[1]} %, of record is {record.weight} %"

    def apex(self, change: Change, apex: str, ours: bool) -> Iterator[str]:
        """One change of the apex Service; it counts for the drain where nothing routes."""
        led = leads(change.before, self.name) if change.before else False
        primary = not change.gone and leads(change.obj, self.name)
        if ours and primary and not led and self.world.known(f"{apex}-primary") == 0:
            yield "S2: the apex Service leads to a primary without a ready endpoint"
        if self.world.routed:
            return
        if not ours:
            self.seen.meddled = self.world.time
        if not primary:
            self.seen.zero_since = None
        elif self.seen.zero_since is None:
            self.seen.zero_since = self.world.time


def leads(service: Obj, canary: str) -> bool:
    """Whether a Service selects the pods of the primary."""
    return f"{canary}-primary" in (service["spec"].get("selector") or {}).values()
