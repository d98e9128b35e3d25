"""The commands that steer a rollout: what they ask for is done, and told with who asked."""

from __future__ import annotations

import pytest
from people import barred, canary
from people_flagger import flagger_status, store_status

from canary.api.annotations import INTENT
from canary.kube.resources import CANARIES
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged()
async def test_an_abort_is_asked_for_and_done(script: Script) -> None:
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    said = await canary(script.stage, "abort podinfo --by alice --reason 'see INC-42'")
    assert (said.code, said.lines[0].split(";")[0]) == (0, "asked to abort podinfo.test")
    await script.reaches("Failed")
    told = [text for _, text in script.stage.events() if text.startswith("Rolling back")]
    assert len(told) == 1
    assert told[0].startswith("Rolling back podinfo.test abort by alice at ")
    assert told[0].endswith(": see INC-42")


@staged()
async def test_the_same_request_can_be_made_twice(script: Script) -> None:
    """Each has an identity of its own: nobody has to remove the annotation first."""
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    for weight in (20, 30):
        assert (await canary(script.stage, "pause podinfo")).code == 0
        await script.stage.rest(300)
        assert (await canary(script.stage, "resume podinfo")).code == 0
        await script.reaches("Progressing", weight)


@pytest.mark.parametrize(
    ("command", "phases"),
    [
        ("promote", "Progressing, WaitingPromotion"),
        ("abort", "Progressing, WaitingPromotion, Waiting"),
        ("retry", "Failed"),
    ],
)
def test_what_the_phase_can_not_do_is_refused_at_once(command: str, phases: str) -> None:
    @staged()
    async def play(script: Script) -> None:
        await script.initialized()
        said = await canary(script.stage, f"{command} podinfo")
        assert said.code == 1
        assert said.error == f"podinfo is Initialized: {command} is possible in {phases}"
        meta = script.stage.get(CANARIES, "podinfo")["metadata"]
        assert INTENT not in (meta.get("annotations") or {})

    play()


@staged()
async def test_a_canary_of_flagger_is_not_steered(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(*setting())
    store_status(script.stage, flagger_status("Progressing"))
    said = await canary(script.stage, "abort podinfo")
    assert (said.code, "not run by this engine" in said.error) == (1, True)


@staged()
async def test_a_missing_canary_and_a_missing_right_are_told(script: Script) -> None:
    await script.initialized()
    said = await canary(script.stage, "abort other")
    assert said.code == 1
    assert said.error.startswith("there is no Canary 'other' in namespace test")
    client = barred(script.stage, "canaries")
    assert (await canary(script.stage, "abort podinfo", client=client)).code == 1
