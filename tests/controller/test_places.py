"""What a Canary refers to: a change of any of it makes the engine look again."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.prerequisites import Prerequisite
from canary.controller.triggers import places
from canary.kube.resources import (
    DEPLOYMENTS,
    Key,
)
from canary.rollout.observed import Absent
from canary.rollout.record import Record
from canary.workloads.configs import ConfigRef
from tests.controller.looks import look
from tests.rig.manifests import autoscaled


def referred(**parts: Any) -> set[tuple[str, str]]:
    """Kind and name of each."""
    scene = look(Record(), **parts).scene
    return {(resource.kind, str(key)) for resource, key in places(scene)}


def test_configs_of_the_target_and_their_copies() -> None:
    tracked = {ConfigRef("configmap", "one"): Absent(), ConfigRef("secret", "two"): Absent()}
    assert referred(tracked=tracked) == {
        ("ConfigMap", "one.test"),
        ("ConfigMap", "one-primary.test"),
        ("Secret", "two.test"),
        ("Secret", "two-primary.test"),
    }


@pytest.mark.parametrize(
    ("kind", "name"), [("HorizontalPodAutoscaler", "podinfo-hpa"), ("ScaledObject", "podinfo-so")]
)
def test_the_autoscalers_of_target_and_primary(kind: str, name: str) -> None:
    found = referred(manifests=autoscaled(kind))
    assert found == {(kind, f"{name}.test"), (kind, f"{name}-primary.test")}


def test_metric_templates_here_and_elsewhere() -> None:
    refs = [{"name": "here"}, {"name": "there", "namespace": "other"}]
    metrics: list[dict[str, Any]] = [
        {"name": ref["name"], "interval": "1m", "thresholdRange": {"min": 1}, "templateRef": ref}
        for ref in refs
    ]
    metrics.append({"name": "request-duration", "interval": "1m"})
    spec = {"analysis": {"metrics": metrics}}
    found = {("MetricTemplate", "here.test"), ("MetricTemplate", "there.other")}
    assert referred(spec=spec) == found
    assert referred(spec={"analysis": {"metrics": None}}) == set()


def test_canaries_that_come_first_and_their_targets() -> None:
    one, other = Key("test", "db"), Key("other", "gone")
    place = (DEPLOYMENTS, Key("test", "database"))
    known = {one: Prerequisite(Absent(), Absent(), place), other: Prerequisite(Absent(), Absent())}
    assert referred(prerequisites=known) == {
        ("Canary", "db.test"),
        ("Deployment", "database.test"),
        ("Canary", "gone.other"),
    }
