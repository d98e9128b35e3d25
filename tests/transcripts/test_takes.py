"""Our own recordings of the real Flagger 1.44: the same manifests, and what we do with them."""

from __future__ import annotations

import copy
import json

import pytest

from canary import virtualtime
from e2e.record.scenes import SCENARIOS
from tests.transcripts import taken, takes
from tests.transcripts.compared import compared
from tests.transcripts.deviation import Deviation
from tests.transcripts.deviations import DEVIATIONS

NAMES = sorted(file.stem for file in takes.DATA.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_as_recorded(name: str) -> None:
    """States, texts, queries, calls, alerts and objects, but for what a deviation says."""
    ours = virtualtime.run(taken.play(name))
    found = compared(takes.load(name), ours, DEVIATIONS.get(name, Deviation("")))
    assert found == [], "\n".join(found)


def test_every_scenario_is_recorded() -> None:
    """As it is declared now: an edit asks for another recording."""
    assert set(SCENARIOS) == set(NAMES)
    for name, scenario in SCENARIOS.items():
        recording = takes.load(name)
        told = (scenario.trigger, scenario.answers, scenario.hooks, scenario.ends)
        parts = ("trigger", "answers", "hooks", "ends")
        wanted = json.loads(json.dumps(dict(zip(parts, told, strict=True))))
        assert {part: recording[part] for part in parts} == wanted, name
        applied = json.dumps(list(scenario.applied)).replace("NAMESPACE", name)
        found = copy.deepcopy(recording["applied"])
        for manifest in found:
            assert manifest["metadata"].pop("namespace") == name
        assert found == json.loads(applied), name


def test_every_deviation_is_of_a_recording() -> None:
    assert set(DEVIATIONS) <= set(NAMES)
