"""Derived names at the lengths that Kubernetes accepts, and one character beyond."""

from __future__ import annotations

from typing import Any

import pytest

from canary.controller.digests import Source
from canary.controller.name_limits import too_long
from canary.rollout.observed import Absent, Present
from canary.rollout.record import Record
from canary.workloads.configs import ConfigRef
from canary.workloads.labels import SelectorLabel
from tests.controller.looks import look
from tests.rig.manifests import autoscaled, daemon_setting, service_setting, setting

TARGET = "spec.targetRef.name"


def found(**parts: Any) -> list[str]:
    """What is said; each problem's text begins with its field."""
    problems = list(too_long(look(Record(), **parts).scene))
    for problem in problems:
        assert problem.reason == "NameTooLong"
        assert problem.text.startswith(f"{problem.field}: ")
    return [problem.text for problem in problems]


def said(field: str, length: int, limit: int) -> str:
    """What is said of a copy's name of ``length`` characters."""
    name = "a" * (length - len("-primary")) + "-primary"
    return f"{field}: {name} has {length} characters, accepted are {limit}"


def called(manifests: list[dict[str, Any]], length: int) -> list[dict[str, Any]]:
    """Manifests whose target has a name of so many characters, and the Service a short one."""
    *_, target, canary = manifests
    target["metadata"]["name"] = canary["spec"]["targetRef"]["name"] = "a" * length
    canary["spec"]["service"]["name"] = "podinfo"
    return manifests


@pytest.mark.parametrize(
    ("manifests", "limit"), [(setting, 242), (daemon_setting, 242), (service_setting, 63)]
)
def test_a_primary_has_room_for_what_is_named_after_it(manifests: Any, limit: int) -> None:
    """A workload's revisions have longer names than itself; a Service has none."""
    longest = limit - len("-primary")
    assert found(manifests=called(manifests(), longest)) == []
    expected = [said(TARGET, limit + 1, limit)]
    assert found(manifests=called(manifests(), longest + 1)) == expected


def test_services_are_named_after_the_target_or_by_a_name_of_their_own() -> None:
    """The field that is to be changed is named."""
    names: Any = {"targetRef": {"name": "a" * 55}}
    assert found(spec=names) == []
    names = {"targetRef": {"name": "a" * 56}}
    assert found(spec=names) == [said(TARGET, 64, 63)]
    assert found(spec={**names, "service": None}) == [said(TARGET, 64, 63)]
    names = {"service": {"name": "a" * 56}}
    assert found(spec=names) == [said("spec.service.name", 64, 63)]


def test_the_value_of_the_label_that_selects_pods() -> None:
    assert found(label=None) == found(label=SelectorLabel("app", "a" * 55)) == []
    field = "spec.selector.matchLabels[app] of podinfo"
    assert found(label=SelectorLabel("app", "a" * 56)) == [said(field, 64, 63)]


def test_autoscalers_and_data_are_objects_like_any_other() -> None:
    def scaled(length: int) -> list[str]:
        return found(manifests=autoscaled(reference={"name": "a" * length}))

    assert scaled(245) == []
    assert scaled(246) == [said("spec.autoscalerRef.name", 254, 253)]
    tracked, untracked = Present(Source("sum", True)), Present(Source("sum", False))
    for length, expected in ((245, []), (246, [said(f"secret {'a' * 246} of podinfo", 254, 253)])):
        ref = ConfigRef("secret", "a" * length)
        assert found(tracked={ref: tracked}) == expected
        # What gets no copy has no name that could be too long.
        assert found(tracked={ref: untracked}) == found(tracked={ref: Absent()}) == []
