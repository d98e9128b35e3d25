"""When the Canaries that one depends on are at rest and promoted, and what is said until then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canary.controller.contents import content_digest
from canary.controller.dependencies import dependencies
from canary.controller.prerequisites import Prerequisite
from canary.kube.resources import Key
from canary.rollout.observed import Absent, Observed, Present, Unknown
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.rollout.status import present
from canary.rollout.world import Dependency
from canary.workloads.targets import KINDS
from tests.controller.looks import live, look
from tests.rig.manifests import setting
from tests.rig.stage import ORIGIN

*_, DEPLOYMENT, CANARY = setting()
TARGET = live(DEPLOYMENT)
RUNS = Revision(content_digest(KINDS["Deployment"], TARGET))
OTHER = Revision("e1-other")
PROMOTED = Record(Stage.SUCCEEDED, applied=RUNS, promoted=RUNS)


def back(record: Record | None = PROMOTED, **meta: Any) -> dict[str, Any]:
    """The Canary that is depended on."""
    status = present(record, "Deployment", {}, ORIGIN) if record else {}
    return live({**CANARY, "metadata": {"name": "back", **meta}, "status": status})


def seen(
    canary: Observed[dict[str, Any]] | None = None,
    target: Observed[dict[str, Any]] | None = None,
    **parts: Any,
) -> Prerequisite:
    return Prerequisite(canary or Present(back()), target or Present(TARGET), **parts)


def judged(found: Prerequisite, **others: Prerequisite) -> Dependency:
    """What is said of ``back`` to one that depends on it."""
    spec = {"engine": {"dependsOn": [{"name": "back"}]}}
    known = {Key("test", name): one for name, one in (("back", found), *others.items())}
    (answer,) = dependencies(look(Record(), spec=spec, prerequisites=known).scene)
    assert answer.name == "back.test"
    return answer


def test_what_is_at_rest_and_promoted_keeps_nobody_waiting() -> None:
    for record in (
        PROMOTED,
        replace(PROMOTED, stage=Stage.INITIALIZED),
        # It was looked at, and isn't to be rolled out.
        replace(PROMOTED, promoted=OTHER),
        replace(PROMOTED, applied=OTHER),
        replace(PROMOTED, applied=None),
        # The same object as it was then, whatever its digest is called today.
        replace(
            PROMOTED, applied=OTHER, promoted=Revision("e0-old", uid="podinfo-uid", generation=1)
        ),
    ):
        assert judged(seen(Present(back(record)))) == Dependency("back.test", "")
    # A target that is gone brings nothing new.
    assert judged(seen(target=Absent())) == Dependency("back.test", "")


def test_what_flagger_left_is_as_its_phase_says() -> None:
    found = {**back(), "status": {"phase": "Succeeded"}}
    assert judged(seen(Present(found))).why == ""


@pytest.mark.parametrize(
    ("why", "found"),
    [
        ("the cache is empty", seen(Unknown("the cache is empty"))),
        ("no watch", seen(target=Unknown("no watch"))),
        ("it is being deleted", seen(Present(back(deletionTimestamp="2026-01-01T00:00:00Z")))),
        ("it is not initialized", seen(Present(back(None)))),
        ("it is not initialized", seen(Present({**back(), "status": None}))),
        ("it is Failed", seen(Present(back(replace(PROMOTED, stage=Stage.FAILED))))),
        ("it is Progressing", seen(Present(back(replace(PROMOTED, stage=Stage.PROGRESSING))))),
        ("it waits for its turn", seen(Present(back(replace(PROMOTED, queued=ORIGIN))))),
        (
            "it has a new revision",
            seen(Present(back(replace(PROMOTED, applied=OTHER, promoted=OTHER)))),
        ),
        (
            "it has a new revision",
            seen(Present(back(replace(PROMOTED, applied=None, promoted=None)))),
        ),
    ],
)
def test_why_one_has_to_wait(why: str, found: Prerequisite) -> None:
    assert judged(found) == Dependency("back.test", why)


def test_what_nobody_can_see_to_is_named_with_its_field() -> None:
    unwatched = judged(seen(Absent(), Absent(), watched=False))
    assert unwatched.problem == "DependencyUnwatched"
    assert unwatched.why.startswith("spec.engine.dependsOn[0]: the namespace of Canary back.test")
    missing = judged(seen(Absent(), Absent()))
    assert missing.problem == "DependencyMissing"
    assert "Canary back.test does not exist" in missing.why


def test_a_circle_is_told_to_its_members_by_the_shortest_way() -> None:
    long, own = Key("test", "long"), Key("test", "podinfo")
    found = judged(
        seen(needs=(long, own)), long=seen(needs=(own,)), podinfo=seen(needs=(Key("test", "back"),))
    )
    assert found.problem == "DependencyCycle"
    assert "podinfo.test -> back.test -> podinfo.test is a circle" in found.why
    # Whoever isn't in it only waits.
    other = judged(seen(needs=(long,)), long=seen(needs=(Key("test", "back"),)))
    assert other == Dependency("back.test", "")
