"""What goes over to the primary, and copies that can't be changed."""

from __future__ import annotations

from canary.controller.settings import Settings
from canary.kube.resources import CONFIG_MAPS, DEPLOYMENTS
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged(settings=Settings(include_label_prefixes=("team.",)))
async def test_labels_by_prefix_follow_at_a_promotion(script: Script) -> None:
    """lifecycle 2.3: recomputed at each promotion, never in between; others' labels stay."""
    stage = script.stage
    await script.initialized()
    labels = {"metadata": {"labels": {"team.owner": "web", "other": "x"}}}
    await stage.patch(DEPLOYMENTS, "podinfo", labels)
    await stage.patch(DEPLOYMENTS, "podinfo-primary", {"metadata": {"labels": {"mine": "kept"}}})
    await stage.rest(5)
    assert "team.owner" not in stage.get(DEPLOYMENTS, "podinfo-primary")["metadata"]["labels"]
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    assert stage.get(DEPLOYMENTS, "podinfo-primary")["metadata"]["labels"] == {
        "app": "podinfo-primary",
        "mine": "kept",
        "team.owner": "web",
    }


@staged()
async def test_an_immutable_copy_makes_room_for_another(script: Script) -> None:
    """D30: the copy is immutable like its source, and yet follows at a promotion."""
    stage = script.stage
    await script.initialized()
    await stage.patch(CONFIG_MAPS, "podinfo-config", {"data": {"color": "red"}, "immutable": True})
    await script.reaches("Succeeded")
    await stage.rest(10)
    copy = stage.get(CONFIG_MAPS, "podinfo-config-primary")
    assert (copy["data"], copy["immutable"]) == ({"color": "red"}, True)
    await stage.delete(CONFIG_MAPS, "podinfo-config")
    await stage.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "podinfo-config", "namespace": "test"},
            "data": {"color": "green"},
        }
    )
    await script.reaches("Progressing")
    await script.reaches("Succeeded")
    await stage.rest(10)
    assert stage.get(CONFIG_MAPS, "podinfo-config-primary")["data"] == {"color": "green"}


@staged()
async def test_two_changes_of_data_in_a_row_both_reach_the_primary(script: Script) -> None:
    """The primary restarts for each: the mark of its run is a new one every time."""
    stage = script.stage
    await script.initialized()
    marks = set()
    for color in ("red", "blue", "red"):
        await script.config(color=color)
        await script.reaches("Progressing")
        await script.reaches("Succeeded")
        await stage.rest(10)
        template = stage.get(DEPLOYMENTS, "podinfo-primary")["spec"]["template"]
        marks.add(template["metadata"]["annotations"]["flagger-id"])
        assert stage.get(CONFIG_MAPS, "podinfo-config-primary")["data"] == {"color": color}
    assert len(marks) == 3
