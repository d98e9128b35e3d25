"""Edits of what a run is bound to: told once, and in force when nothing is left on the route."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory as make
import pytest

from canary.rollout.binding import Binding, binding, bound, differences
from canary.rollout.decide import decide
from canary.rollout.record import Record
from canary.rollout.rules.bindings import edited
from canary.rollout.stage import Stage
from canary.rollout.verdict import Lower, Rebind
from canary.rollout.view import View
from canary.rollout.world import Problem

APP = ("Deployment", "podinfo")
HELD = Binding("istio", *APP)
WANTED = replace(HELD, service="other")
RUN = make.running().run
assert RUN is not None
ENDED = make.at_rest(run=replace(RUN, binding=HELD))
RUNNING = make.running(binding=HELD)
GONE = {"route": make.GONE, "parted": True}


def look(record: Record, **world: Any) -> View:
    return make.view(record, **{"wanted": WANTED, "parted": record.weight == 0, **world})


def test_an_edit_in_mid_rollout_is_told_once() -> None:
    first = decide(look(RUNNING))
    assert isinstance(first.verdict, Rebind)
    assert first.record.run is not None
    assert (first.record.run.binding, first.record.run.asked) == (HELD, WANTED)
    assert first.record.weight == RUNNING.weight
    (said,) = first.record.outbox
    assert said.warning
    assert "spec.service.name other instead of (none)" in said.text
    assert edited(look(first.record)) is None


def test_another_edit_is_told_again() -> None:
    told = make.running(binding=HELD, asked=WANTED)
    assert isinstance(edited(look(told, wanted=replace(HELD, provider="nginx"))), Rebind)


@pytest.mark.parametrize(
    ("record", "world"),
    [
        (ENDED, {}),
        (make.at_rest(Stage.FAILED, run=replace(RUN, binding=HELD)), {}),
        (make.at_rest(Stage.WAITING, run=replace(RUN, binding=HELD)), {}),
        # The route or the target is gone: the run can't go on by them.
        (make.running(weight=0, binding=HELD), {"target": make.GONE}),
        (make.running(weight=0, binding=HELD), GONE),
        (make.running(Stage.PROMOTING, 0, binding=HELD), GONE),
        # A command that a problem keeps from being carried out.
        (replace(ENDED, scale_target=0), {"problems": (Problem("ConfigMissing", "x"),)}),
    ],
)
def test_it_counts_when_nothing_is_left_on_the_route(record: Record, world: Any) -> None:
    decision = decide(look(record, **world))
    assert isinstance(decision.verdict, Rebind)
    assert decision.record.run is not None
    follows = WANTED if record.stage.running else None
    assert (decision.record.run.binding, decision.record.run.asked) == (follows, None)
    (said,) = decision.record.outbox
    assert not said.warning


@pytest.mark.parametrize(
    ("record", "world"),
    [
        (make.running(weight=0, binding=HELD), {}),
        (make.running(Stage.FINALISING, 0, binding=HELD), {}),
        (replace(ENDED, scale_target=0), {}),
        (ENDED, {"parted": False}),
        (make.running(weight=0, binding=HELD), {"target": make.GONE, "parted": False}),
        (replace(ENDED, stage=Stage.FAILED, weight=100), {}),
        (replace(ENDED, stage=Stage.FAILED, weight=100), GONE),
        (RUNNING, {"target": make.GONE}),
        (make.running(weight=0, binding=HELD), {**GONE, "parted": False}),
    ],
)
def test_and_not_before(record: Record, world: Any) -> None:
    verdict = edited(look(record, **world))
    assert isinstance(verdict, Rebind)
    assert verdict.binding == HELD


@pytest.mark.parametrize("stage", [Stage.PROGRESSING, Stage.WAITING_PROMOTION, Stage.PROMOTING])
def test_a_run_whose_route_is_gone_starts_over_by_the_new_one(stage: Stage) -> None:
    decision = decide(look(make.running(stage, 50, binding=HELD), **GONE))
    assert isinstance(decision.verdict, Lower)
    assert decision.record.weight == 0
    assert isinstance(decide(look(decision.record, **GONE)).verdict, Rebind)


@pytest.mark.parametrize("record", [make.at_rest(), make.running(), ENDED])
def test_nothing_is_said_where_nothing_was_edited(record: Record) -> None:
    assert edited(look(record, wanted=None)) is None
    if record is not ENDED:
        assert edited(look(record)) is None


def test_a_run_is_bound_to_what_is_in_force_as_it_begins() -> None:
    seen = replace(make.view(make.at_rest(), target=make.target(make.NEW)), provider="istio")
    started = decide(replace(seen, canary=make.canary(provider=None))).record
    assert started.run is not None
    assert started.run.binding == HELD
    again = decide(replace(make.view(started, target=make.target(make.NEWER)), provider="nginx"))
    assert again.record.run is not None
    assert again.record.run.binding == HELD


INGRESS = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "podinfo"}
SPECS: list[dict[str, Any]] = [
    {},
    {"provider": None},
    {"provider": "nginx", "ingressRef": INGRESS},
    {"service": {"port": 80, "name": "other"}},
    {"service": {"port": 80, "name": "podinfo"}},
    {"targetRef": {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "other"}},
]


@pytest.mark.parametrize("before", SPECS)
@pytest.mark.parametrize("after", SPECS)
def test_what_a_run_is_bound_to_stays_whatever_is_edited(before: Any, after: Any) -> None:
    held = binding(make.canary(**before), "istio")
    canary = make.canary(**after, suspend=True)
    spec = canary.model_dump(by_alias=True, exclude_none=True)["spec"]
    kept = make.canary(**bound(spec, held))
    assert binding(kept, "another") == held
    assert kept.spec.suspend
    assert not list(differences(held, binding(kept, "istio")))


@pytest.mark.parametrize(
    ("spec", "held"),
    [
        ({}, HELD),
        ({"provider": None}, replace(HELD, provider="linkerd")),
        ({"provider": "nginx", "ingressRef": INGRESS}, Binding("nginx", *APP, ingress="podinfo")),
        ({"service": {"port": 80, "name": "other"}}, replace(HELD, service="other")),
        ({"service": {"port": 80, "name": "podinfo"}}, HELD),
        ({"service": None}, HELD),
    ],
)
def test_what_a_spec_asks_for(spec: Any, held: Binding) -> None:
    assert binding(make.canary(**{"provider": "istio"} | spec), "linkerd") == held


@pytest.mark.parametrize(
    "spec",
    [
        {"provider": "istio", "targetRef": {"kind": "Deployment", "name": "podinfo"}},
        {"service": {"port": 80}},
        {"service": {"port": 80, "name": "other"}},
        {"ingressRef": {**INGRESS, "apiVersion": "extensions/v1beta1"}},
    ],
)
def test_what_was_not_edited_stays_as_it_is_spelled(spec: Any) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"}
    raw = {"provider": "istio", "targetRef": target} | spec
    service, ingress = (raw.get(part, {}).get("name", "") for part in ("service", "ingressRef"))
    assert bound(raw, replace(HELD, service=service, ingress=ingress)) == raw


def test_both_values_are_told() -> None:
    edited = replace(HELD, provider="nginx", ingress="podinfo")
    assert dict(differences(HELD, edited)) == {
        "spec.provider": "nginx instead of istio",
        "spec.ingressRef.name": "podinfo instead of (none)",
    }
    assert dict(differences(edited, HELD))["spec.ingressRef.name"] == "(none) instead of podinfo"
