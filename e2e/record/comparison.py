"""What this engine did on a real control plane, beside what was recorded of Flagger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.transcripts import takes
from tests.transcripts.compared import Outcome, compared
from tests.transcripts.deviation import Deviation
from tests.transcripts.deviations import DEVIATIONS
from tests.transcripts.recorded import State


def differing(found: Mapping[str, Any], states: Sequence[State]) -> list[str]:
    """Every difference that no deviation explains, a line each. ``found`` is a recording of this
    engine, ``states`` are those from its timeline."""
    ours = Outcome(
        states=list(states),
        told=found["told"],
        queries=found["metricQueries"],
        calls=takes.calls(found),
        heralds=takes.calls(found, events=True),
        alerts=[(alert["path"], alert["body"]) for alert in found["alerts"]],
        initialized=found["objectsInitialized"],
        final=found["objectsFinal"],
        conditions=takes.conditions(found["timeline"]),
    )
    name = found["scenario"]
    return compared(takes.load(name), ours, DEVIATIONS.get(name, Deviation("")))
