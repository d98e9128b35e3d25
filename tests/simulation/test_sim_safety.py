"""The oracle of safety sees each broken promise about traffic and objects, and no other."""

from __future__ import annotations

import pytest

from canary.kube.resources import CANARIES, CONTROLLER_REVISIONS, SERVICES
from tests.rig.routes import VIRTUAL_SERVICES
from tests.simulation.judged import Judged


def test_a_release_by_the_book_breaks_nothing() -> None:
    seen = Judged().at_the_end()
    seen.status("Promoting", 60)
    pin = {"digest": "two", "template": {"spec": {"containers": [{"image": "podinfo:2.0.0"}]}}}
    seen.put(CONTROLLER_REVISIONS, "two", data=pin)
    seen.passes(4)
    seen.status("Finalising", 0)
    seen.route(100, 0)
    seen.passes(5)
    seen.workload("podinfo", "2.0.0", 0)
    assert seen.safety.violations == []


def test_s1_weights_that_are_not_a_hundred() -> None:
    seen = Judged().begun()
    seen.route(80, 30)
    assert seen.broken == ["S1"]


@pytest.mark.parametrize(("name", "shares"), [("canary", (70, 30)), ("primary", (100, 0))])
def test_s2_traffic_to_nobody(name: str, shares: tuple[int, int]) -> None:
    seen = Judged().begun()
    seen.route(85, 15)
    seen.endpoints[f"podinfo-{name}"] = 0
    seen.route(*shares)
    assert seen.broken == ["S2"]


def test_s2_an_apex_service_that_leads_to_nobody() -> None:
    seen = Judged()
    seen.endpoints["podinfo-primary"] = 0
    seen.put(SERVICES, "podinfo", spec={"selector": {"app": "podinfo-primary"}})
    assert seen.broken == ["S2"]


def test_s2_a_primary_without_pods() -> None:
    seen = Judged()
    seen.workload("podinfo-primary", "1.0.0", 0)
    assert seen.broken == ["S2"]


def test_s3_a_first_step_before_the_canary_is_ready() -> None:
    seen = Judged()
    seen.endpoints["podinfo-canary"] = 0
    seen.status("Progressing", 30)
    assert seen.broken == ["S3"]


def test_s3_a_step_that_is_not_planned() -> None:
    seen = Judged().begun()
    seen.passes(10, 100.0)
    seen.status("Progressing", 50)
    assert seen.broken == ["S3"]


def test_s3_a_step_without_an_evaluation_of_its_own() -> None:
    seen = Judged().begun()
    seen.passes(5, 100.0)
    seen.passes(5)
    seen.status("Progressing", 60)
    assert seen.broken == ["S3"]


def test_s3_a_route_beyond_the_record() -> None:
    seen = Judged().begun()
    seen.passes(30)
    seen.route(40, 60)
    assert seen.broken == ["S3"]


def test_s6_traffic_after_a_failure() -> None:
    seen = Judged().begun()
    seen.status("Failed", 0)
    seen.status("Failed", 30)
    assert seen.broken == ["S6"]
    seen = Judged().begun()
    seen.status("Failed", 0)
    seen.status("Progressing", 0)
    assert seen.broken == ["S6"]


@pytest.mark.parametrize(
    ("timely", "there", "found"),
    [(True, True, ["S6", "S6"]), (False, True, []), (True, False, [])],
)
def test_s6_after_a_takeover_by_a_wrong_clock_or_without_a_target(
    timely: bool, there: bool, found: list[str]
) -> None:
    """Without our record a time alone tells whether the revision is the rejected one."""
    seen = Judged().begun()
    if there:
        seen.workload("podinfo", "2.0.0")
    seen.status("Failed", 0)
    seen.world.places.timely = timely
    live = seen.objects[CANARIES, "podinfo"]
    status = {"phase": "Failed", "canaryWeight": 0}
    seen.put(CANARIES, "podinfo", "kubectl", spec=live["spec"], status=status)
    seen.status("Progressing", 0)
    seen.status("Progressing", 30)
    assert seen.broken == found


@pytest.mark.parametrize(("seconds", "found"), [(4.9, ["S8"]), (5.0, [])])
def test_s8_a_canary_that_goes_before_it_has_drained(seconds: float, found: list[str]) -> None:
    seen = Judged().begun()
    seen.workload("podinfo", "2.0.0")
    seen.status("Failed", 0)
    seen.route(100, 0)
    seen.passes(seconds)
    seen.workload("podinfo", "2.0.0", 0)
    assert seen.broken == found


@pytest.mark.parametrize(("emptied", "found"), [(False, ["S8"]), (True, [])])
def test_s8_a_former_route_that_somebody_edits(emptied: bool, found: list[str]) -> None:
    """It counts only until the engine has sent its requests to the primary."""
    seen = Judged().begun()
    seen.workload("podinfo", "2.0.0")
    seen.spec = {**seen.spec, "service": {"name": "shop"}}
    seen.status("Progressing", 30, author="kubectl")
    seen.status("Failed", 0)
    if emptied:
        seen.route(100, 0)
        seen.passes(5)
    seen.route(0, 100, author="kubectl")
    seen.passes(5)
    seen.workload("podinfo", "2.0.0", 0)
    assert seen.broken == found


@pytest.mark.parametrize(("seconds", "found"), [(4.9, ["S8"]), (5.0, [])])
def test_s8_by_the_apex_service_where_nothing_routes(seconds: float, found: list[str]) -> None:
    seen = Judged()
    seen.drop(VIRTUAL_SERVICES, "podinfo")
    seen.world.routed, seen.safety.seen.zero_since = False, None
    seen.workload("podinfo", "2.0.0")
    seen.put(SERVICES, "podinfo", spec={"selector": {"app": "podinfo-primary"}})
    seen.passes(seconds)
    seen.workload("podinfo", "2.0.0", 0)
    assert seen.broken == found


@pytest.mark.parametrize("weight", [30, 90])
def test_s9_a_late_write_that_nobody_asked_for(weight: int) -> None:
    seen = Judged().begun()
    seen.status("Progressing", 0)
    seen.route(100, 0)
    seen.world.late = True
    seen.route(100 - weight, weight)
    assert seen.broken == ([] if weight == 30 else ["S9"])


def test_s11_a_target_and_a_canary_that_the_engine_changed() -> None:
    seen = Judged()
    seen.workload("podinfo", "2.0.0", author="kubectl")
    seen.workload("podinfo", "1.0.0")
    seen.spec = {**seen.spec, "suspend": True}
    seen.status("Initialized", run="")
    assert seen.broken == ["S11", "S11"]
