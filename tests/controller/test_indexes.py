"""By what cached objects are found: what is there, what is meant, and what somebody damaged."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.indexes import (
    QUEUED,
    RUNNING,
    apex_index,
    flight_index,
    ingress_index,
    owner_index,
    service_index,
    target_index,
)
from canary.rollout.stage import Stage

NOON = "2026-01-01T12:00:00Z"


def canary(spec: Any, bound: Any = None, **engine: Any) -> dict[str, Any]:
    """A Canary with this spec, whose run is bound to ``bound``."""
    run = {} if bound is None else {"run": {"binding": bound}}
    meta = {"name": "podinfo", "namespace": "test"}
    return {"metadata": meta, "spec": spec, "status": {"engine": {**run, **engine}}}


def test_a_pin_belongs_to_canaries_and_to_no_other_owner() -> None:
    owners = [{"kind": "Canary", "uid": "u1"}, {"kind": "Deployment", "uid": "u2"}]
    meta = {"name": "podinfo-1", "namespace": "test"}
    assert list(owner_index({"metadata": {**meta, "ownerReferences": owners}})) == ["test/u1"]
    assert list(owner_index({"metadata": meta})) == []


def test_slices_are_found_by_their_service_and_those_without_one_not_at_all() -> None:
    meta = {"name": "podinfo-x", "namespace": "test"}
    labels = {"kubernetes.io/service-name": "podinfo"}
    assert list(service_index({"metadata": {**meta, "labels": labels}})) == ["test/podinfo"]
    for one in (meta, {**meta, "labels": None}, {**meta, "labels": {"app": "podinfo"}}):
        assert list(service_index({"metadata": one})) == []


def test_a_canary_is_found_by_what_its_run_is_bound_to_and_by_what_its_spec_asks_for() -> None:
    spec = {
        "targetRef": {"name": "new"},
        "service": {"name": "web"},
        "ingressRef": {"name": "door"},
    }
    bound = {"target": "old", "service": "site", "ingress": "gate"}
    obj = canary(spec, bound)
    assert list(target_index(obj)) == ["test/new", "test/old"]
    assert list(apex_index(obj)) == ["test/web", "test/site"]
    assert list(ingress_index(obj)) == ["test/door", "test/gate"]


def test_a_service_without_a_name_has_that_of_the_target() -> None:
    obj = canary({"targetRef": {"name": "new"}, "service": {"port": 80}}, {"target": "old"})
    assert list(apex_index(obj)) == ["test/new", "test/old"]


def test_a_name_that_is_meant_twice_is_one_place() -> None:
    obj = canary({"targetRef": {"name": "podinfo"}}, {"target": "podinfo"})
    assert list(target_index(obj)) == list(apex_index(obj)) == ["test/podinfo"]


@pytest.mark.parametrize("spec", [None, "x", {}, {"targetRef": "x"}, {"targetRef": {"name": 5}}])
@pytest.mark.parametrize("bound", [None, "x", {"target": 5}, {"target": {"name": "podinfo"}}])
def test_what_names_nothing_is_nowhere(spec: Any, bound: Any) -> None:
    """Specs that nobody has validated, and records that somebody damaged."""
    obj = canary(spec, bound)
    for index in (target_index, apex_index, ingress_index):
        assert list(index(obj)) == []
        assert list(index({**obj, "status": "x"})) == []


def test_a_run_in_flight_and_a_place_in_the_queue_are_told_by_the_record() -> None:
    assert list(flight_index(canary({}, stage="Progressing"))) == [RUNNING]
    assert list(flight_index(canary({}, stage="Progressing", queued=NOON))) == [RUNNING]
    assert list(flight_index(canary({}, stage="Succeeded", queued=NOON))) == [QUEUED]
    assert list(flight_index(canary({}, stage="Succeeded"))) == []
    for status in (None, "x", {}, {"engine": None}, {"engine": "x"}):
        assert list(flight_index({**canary({}), "status": status})) == []


@pytest.mark.parametrize("queued", [None, 5, "", "soon", "2026-01-01T12:00:00"])
def test_a_place_that_says_no_moment_is_none(queued: Any) -> None:
    """Somebody may have damaged the record: whatever has no zone is no moment either."""
    assert list(flight_index(canary({}, stage="Succeeded", queued=queued))) == []


@pytest.mark.parametrize("stage", [stage.value for stage in Stage])
def test_what_is_being_deleted_takes_nobodys_turn(stage: str) -> None:
    """It starts no run any more, and the one that it had ends with it."""
    obj = canary({}, stage=stage, queued=NOON)
    obj["metadata"]["deletionTimestamp"] = NOON
    assert list(flight_index(obj)) == []
