"""The oracle of what belongs to others isn't blind (S11)."""

from __future__ import annotations

from typing import Any

import pytest

from canary.kube.resources import CONFIG_MAPS, DEPLOYMENTS, SERVICES
from simulation.oracles.foreign import Foreign
from simulation.process import USER
from tests.simulation.witness import Witness


def watched() -> tuple[Witness, Foreign]:
    seen = Witness()
    return seen, Foreign(seen.world)


@pytest.mark.parametrize("author", ["kubectl", USER])
def test_data_that_others_made_is_never_written(author: str) -> None:
    seen, foreign = watched()
    seen.put(CONFIG_MAPS, "config", author, data={"a": "1"})
    seen.put(CONFIG_MAPS, "config", data={"a": "2"})
    assert len(foreign.violations) == (author != USER)


@pytest.mark.parametrize("author", ["kubectl", USER])
def test_what_others_made_is_not_deleted(author: str) -> None:
    seen, foreign = watched()
    seen.put(SERVICES, "apex", author)
    seen.drop(SERVICES, "apex")
    assert len(foreign.violations) == (author != USER)


def test_only_the_size_of_a_target_is_ours() -> None:
    seen, foreign = watched()
    spec = {"replicas": 2, "paused": False}
    seen.put(DEPLOYMENTS, "podinfo", "kubectl", spec=spec)
    seen.put(DEPLOYMENTS, "podinfo", spec={**spec, "replicas": 0})
    assert foreign.violations == []
    seen.put(DEPLOYMENTS, "podinfo", spec={"replicas": 0, "paused": True})
    assert len(foreign.violations) == 1


@pytest.mark.parametrize("left", [{"team": "red"}, {"team": "blue"}, {}])
def test_labels_of_others_stay_on_our_objects(left: dict[str, str]) -> None:
    seen, foreign = watched()

    def labelled(author: str, labels: dict[str, Any]) -> None:
        seen.put(SERVICES, "apex", author, metadata={"labels": labels})

    labelled(USER, {"app": "x"})
    labelled("kubectl", {"app": "y", "team": "red"})
    labelled(USER, {"app": "x", **left})
    assert len(foreign.violations) == (left != {"team": "red"})
