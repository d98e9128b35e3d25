"""The ConfigMaps and Secrets of one Canary: which they are, and which copies exist."""

from __future__ import annotations

from typing import Any

from gathered import Look, looks

from canary.controller.scene import Scene
from canary.controller.settings import Settings
from canary.controller.tracked import Tracked
from canary.kube.resources import CONFIG_MAPS
from canary.rollout.observed import Absent, Observed, Present
from canary.rollout.record import Record, Revision
from canary.workloads.configs import ConfigRef
from canary.workloads.pins import Pin
from tests.rig.manifests import setting


def template(*names: str, optional: bool = False) -> dict[str, Any]:
    sources = [{"configMapRef": {"name": name, "optional": optional}} for name in names]
    return {"spec": {"containers": [{"name": "app", "envFrom": sources}]}}


def refs(
    target: Observed[Any], record: Record, *, tracks: bool = True, rewritten: bool = False
) -> tuple[ConfigRef, ...]:
    """What is looked at where the pinned template of record refers to ``old`` and ``plain``."""
    nothing: Any = None
    tracked = Tracked(nothing, nothing, Settings(config_tracking=tracks))
    pin = Pin("e1", template("old", "plain"), "pin", "u", rewritten=rewritten)
    return tracked.refs(target, record, {"e1": pin})


TARGET = Present({"spec": {"template": template("new")}})
PROMOTED = Record(primary=Revision("e1", {"configmap/old": "sum"}))
OLD = ConfigRef("configmap", "old", optional=True)
NEW = ConfigRef("configmap", "new")


def test_what_target_and_primary_refer_to_is_looked_at() -> None:
    """Of the primary only what it has copies of; the target may have dropped that already."""
    assert refs(TARGET, PROMOTED) == (NEW, OLD)
    assert refs(TARGET, Record()) == (NEW,)
    assert refs(Absent("gone"), PROMOTED) == (OLD,)
    assert refs(TARGET, PROMOTED, tracks=False) == ()


def test_the_target_says_whether_it_can_do_without() -> None:
    for optional in (False, True):
        target = Present({"spec": {"template": template("old", optional=optional)}})
        assert refs(target, PROMOTED) == (ConfigRef("configmap", "old", optional=optional),)


def test_a_template_that_was_found_at_a_takeover_refers_to_copies() -> None:
    assert refs(TARGET, PROMOTED, rewritten=True) == (NEW,)
    assert refs(TARGET, Record(primary=Revision("e1-unpinned"))) == (NEW,)


@looks()
async def test_sources_and_copies_are_told_apart_by_kind(look: Look) -> None:
    config, secret, *others = setting()
    copy = {**config, "metadata": {**config["metadata"], "name": "podinfo-config-primary"}}
    # One of the Secret's name that nobody asks for.
    decoy = {**config, "metadata": {**config["metadata"], "name": "podinfo-secret-primary"}}
    scene = await look.sees(config, secret, copy, decoy, *others)

    def there(scene: Scene) -> tuple[dict[str, bool], dict[str, bool]]:
        tracked, copies = (
            {str(ref): isinstance(found, Present) for ref, found in sources.items()}
            for sources in (scene.tracked, scene.copies)
        )
        return tracked, copies

    assert there(scene) == (
        {"configmap/podinfo-config": True, "secret/podinfo-secret": True},
        {"configmap/podinfo-config": True, "secret/podinfo-secret": False},
    )
    assert list(scene.copied) == [(CONFIG_MAPS, "podinfo-config-primary")]
