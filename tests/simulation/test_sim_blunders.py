"""What goes wrong in the simulator itself is not swallowed by the engine that meets it."""

from __future__ import annotations

from typing import Any

import pytest

from simulation import acts
from simulation.oracles.meter import Meter
from simulation.plan import Boundary, Fault, Plan
from simulation.run import play

PLAN = Plan("unborn", 0, (Fault(Boundary.ACT, 5, "label"),))


def wrong(*_: Any) -> None:
    raise KeyError("status")


@pytest.mark.parametrize(
    ("where", "what"), [(Meter, "_heard"), (acts.ACTS, "label")], ids=["an oracle", "a user"]
)
def test_a_mistake_is_a_problem_of_the_run(
    where: Any, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any("simulator" in text for text in play(PLAN).problems)
    if isinstance(where, dict):
        monkeypatch.setitem(where, what, wrong)
    else:
        monkeypatch.setattr(where, what, wrong)
    assert "the simulator: KeyError('status') in wrong" in play(PLAN).problems[0]
