"""The comparison with recordings sees each kind of difference, and none where there is none."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.transcripts import takes
from tests.transcripts.compared import Outcome, compared
from tests.transcripts.deviation import Deviation

NONE = Deviation("")


def itself(name: str) -> tuple[dict[str, Any], Outcome]:
    """A recording, and what it holds as if this engine had done it."""
    recording = takes.load(name)
    objects = {}
    for when in ("objectsInitialized", "objectsFinal"):
        objects[when] = {
            key: obj if key.startswith("Canary/") else takes.expected(key, obj)
            for key, obj in copy.deepcopy(recording[when]).items()
        }
    return recording, Outcome(
        states=takes.states(recording),
        told=recording["told"],
        queries=recording["metricQueries"],
        calls=takes.calls(recording),
        heralds=takes.calls(recording, events=True),
        alerts=[(one["path"], one["body"]) for one in recording["alerts"]],
        initialized=objects["objectsInitialized"],
        final=objects["objectsFinal"],
        conditions=takes.conditions(recording["timeline"]),
    )


@pytest.mark.parametrize("name", ["gw-pre-rollout-fail", "gw-alerts-failed", "istio-ab-fail"])
def test_a_recording_is_like_itself(name: str) -> None:
    assert compared(*itself(name), NONE) == []


@pytest.mark.parametrize(
    ("name", "aspect"),
    [
        ("gw-pre-rollout-fail", "states"),
        ("gw-pre-rollout-fail", "told"),
        ("gw-pre-rollout-fail", "calls"),
        ("gw-pre-rollout-fail", "heralds"),
        ("gw-pre-rollout-fail", "conditions"),
        ("gw-alerts-failed", "alerts"),
    ],
)
def test_what_is_missing_is_seen(name: str, aspect: str) -> None:
    recording, ours = itself(name)
    assert compared(recording, replace(ours, **{aspect: getattr(ours, aspect)[:-1]}), NONE)


def test_another_number_of_queries_is_seen() -> None:
    recording, ours = itself("istio-ab-fail")
    more = {query: count + 1 for query, count in ours.queries.items()}
    assert compared(recording, replace(ours, queries=more), NONE)


def test_fields_and_objects_are_seen_unless_a_deviation_says_so() -> None:
    recording, ours = itself("istio-ab-fail")
    ours.final["Deployment/app-primary"]["spec"]["replicas"] = 7
    path = "Deployment/app-primary spec.replicas"
    assert compared(recording, ours, NONE) == [f"objectsFinal: {path}: 2 -> 7"]
    assert compared(recording, ours, Deviation("D1", fields={path: 7})) == []
    assert compared(recording, ours, Deviation("D1", fields={path: 8})) != []
    del ours.final["Service/app-canary"]
    assert "objectsFinal: Service/app-canary: only theirs" in compared(recording, ours, NONE)
    extra = replace(ours, initialized={**ours.initialized, "Secret/more": {}})
    assert "objectsInitialized: Secret/more: only ours" in compared(recording, extra, NONE)
