"""No traffic provider: users stay on the primary (providers.md 17)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from routing_objects import canary, context

from providers.demands import unmet
from providers.interface import Capability, Liveness, Reading, Routing
from providers.kubernetes import PROVIDER


@given(weight=st.integers(0, 100))
def test_nothing_is_written_whatever_the_weight(weight: int) -> None:
    seen = context(canary())
    assert PROVIDER.desired(seen, Routing(100 - weight, weight)) == ()
    assert PROVIDER.names(seen.canary) == ()
    assert PROVIDER.kinds == ()
    assert PROVIDER.read(seen) == Reading(Routing(100, 0), Liveness.LIVE)


def test_it_has_no_weights_and_takes_a_match_as_flagger_does() -> None:
    # lifecycle.md 5.5: a match is dropped with a warning, the run is blue/green without a switch
    asked = canary()
    asked["spec"]["analysis"] = {"match": [{"headers": {"x": {"exact": "y"}}}], "iterations": 2}
    assert Capability.WEIGHTS not in PROVIDER.capabilities
    assert not PROVIDER.problems(asked)
    assert not list(unmet(PROVIDER, asked))
