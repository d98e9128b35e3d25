"""The autoscalers of target and primary: which are looked up, and the sizes that they allow."""

from __future__ import annotations

from typing import Any

import pytest

from canary.api.canary import parse
from canary.controller.autoscaling import Autoscaling, autoscaling
from canary.kube.resources import AUTOSCALERS, SCALED_OBJECTS, Obj, Resource
from canary.kube.store import Store
from canary.rollout.observed import Absent, Present
from canary.workloads.autoscalers import Overrides
from tests.controller.looks import live
from tests.rig.manifests import autoscaled, setting


class Cached:
    """Caches of these objects, whatever is asked for; ``asked`` says which resources were."""

    def __init__(self, *objects: Obj) -> None:
        self.asked: set[Resource] = set()
        self._store = Store()
        self._store.replace(list(objects), "9")

    def store(self, resource: Resource, namespace: str) -> Store:
        assert namespace == "test"
        self.asked.add(resource)
        return self._store


def found(cached: Cached, canary: dict[str, Any]) -> Autoscaling | None:
    canary["metadata"] |= {"uid": "u", "generation": 1}
    return autoscaling(cached, parse(canary))  # type: ignore[arg-type]


def test_without_a_reference_no_autoscaler_is_even_watched() -> None:
    cached = Cached()
    assert found(cached, setting()[-1]) is None
    # A DaemonSet has nothing to scale.
    *_, canary = autoscaled()
    canary["spec"]["targetRef"]["kind"] = "DaemonSet"
    assert found(cached, canary) is None
    assert cached.asked == set()


KINDS = {"HorizontalPodAutoscaler": (AUTOSCALERS, 3, 6), "ScaledObject": (SCALED_OBJECTS, 2, None)}


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_are_those_of_the_targets_autoscaler(kind: str) -> None:
    resource, least, most = KINDS[kind]
    scaler, *_, canary = autoscaled(kind)
    cached = Cached(live(scaler))
    seen = found(cached, canary)
    assert seen is not None
    assert (seen.resource, cached.asked) == (resource, {resource})
    assert (seen.target, isinstance(seen.primary, Absent)) == (Present(live(scaler)), True)
    assert (seen.least, seen.most, seen.overrides) == (least, most, Overrides())


def test_the_primarys_own_sizes_are_of_the_reference() -> None:
    sizes = {"minReplicas": 4, "maxReplicas": 9}
    queries = {"load": "sum(rate(y[1m]))"}
    reference = {"primaryScalerReplicas": sizes, "primaryScalerQueries": queries}
    scaler, *_, canary = autoscaled("ScaledObject", reference)
    primary = live({**scaler, "metadata": {"name": "podinfo-so-primary"}})
    seen = found(Cached(live(scaler), primary), canary)
    assert seen is not None
    assert (seen.primary, seen.overrides) == (Present(primary), Overrides(4, 9, queries))
    # The target's minimum is its own.
    assert (seen.least, seen.most) == (2, 9)


def test_a_target_starts_with_one_pod_where_its_autoscaler_is_not_there() -> None:
    *_, canary = autoscaled()
    seen = found(Cached(), canary)
    assert seen is not None
    assert (seen.least, seen.most) == (1, None)
