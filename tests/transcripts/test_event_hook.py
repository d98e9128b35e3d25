"""S27: what a hook of type ``event`` hears, and in which phase."""

from __future__ import annotations

from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.scenario import hooks
from tests.transcripts.script import Script

# Once: analysis 12.25. The primary needs no second look here.
BEFORE = [
    ("Initializing", "all the metrics providers are available!"),
    (
        "Initializing",
        "podinfo-primary.test not ready: waiting for rollout to finish: observed deployment "
        "generation less than desired generation",
    ),
    ("Initialized", "Initialization done! podinfo.test"),
    ("Progressing", "New revision detected! Scaling up podinfo.test"),
    ("Progressing", "Starting canary analysis for podinfo.test"),
    ("Progressing", "Advance podinfo.test canary weight 50"),
]
# The phase after the transition that an event reports: webhooks 8.15. Flagger sends that before it
# for "Copying ..." (Progressing), "Routing ..." (Promoting) and "Rolling back ..." (Progressing).
PROMOTED = [
    ("Promoting", "Copying podinfo.test template spec to podinfo-primary.test"),
    ("Finalising", "Routing all traffic to primary"),
    ("Succeeded", "Promotion completed! Scaling down podinfo.test"),
]
FAILED = [
    ("Progressing", "Halt podinfo.test advancement success rate 90.00% < 99%"),
    ("Failed", "Rolling back podinfo.test failed checks threshold reached 1"),
    ("Failed", "Canary failed! Scaling down podinfo.test"),
]


def heard(script: Script) -> list[tuple[str, str]]:
    """Phase and text of each event that the hook was told."""
    calls = [call.payload for call in script.stage.receivers.of("all")]
    return [(call["phase"], call["metadata"]["eventMessage"]) for call in calls]


@staged()
async def test_an_event_hook_hears_everything_with_its_phase(script: Script) -> None:
    await script.begins(setting(analysis={"stepWeight": 50, **hooks(all="event")}))
    await script.reaches("Initialized")
    await script.stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(30)
    assert heard(script) == [*BEFORE, *PROMOTED]
    calls = script.stage.receivers.of("all")
    assert {call.payload["name"] for call in calls} == {"podinfo"}
    assert len({call.key for call in calls}) == len(calls)
    kinds = [(c.payload["metadata"]["eventType"], c.payload["phase"]) for c in calls[:3]]
    assert kinds[:2] == [("Normal", "Initializing"), ("Warning", "Initializing")]


@staged()
async def test_the_checksum_follows_the_revision_in_the_status(script: Script) -> None:
    await script.begins(setting(analysis={"stepWeight": 50, **hooks(all="event")}))
    await script.reaches("Initialized")
    await script.stage.rest(30)
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(30)
    sums = [call.payload["checksum"] for call in script.stage.receivers.of("all")]
    # It changes only at Initialized and Progressing; before them there is no revision yet.
    assert sums[:2] == ["758df7c9fc"] * 2
    assert len(set(sums[3:])) == 1 and len({sums[0], sums[2], sums[3]}) == 3


@staged()
async def test_an_event_hook_hears_a_rollback(script: Script) -> None:
    analysis = {"stepWeight": 50, "threshold": 1, **hooks(all="event")}
    await script.begins(setting(analysis=analysis))
    await script.reaches("Initialized")
    await script.stage.rest(30)
    script.stage.prometheus.value = 90
    await script.image("2.0.0")
    await script.reaches("Failed")
    await script.stage.rest(30)
    assert heard(script) == [*BEFORE, *FAILED]
