"""What a closed gate says and calls, and how often: once for each wait."""

from __future__ import annotations

import pytest

from tests.rig.chat import NOTIFIED
from tests.rig.staged import staged
from tests.transcripts.scenario import hooks
from tests.transcripts.script import Script

HALT = "Halt podinfo.test advancement waiting for traffic increase approval inc"
ALERT = "Canary traffic increase is waiting for approval."


def events(script: Script, text: str) -> int:
    return [found for _, found in script.stage.events()].count(text)


@staged(settings=NOTIFIED)
async def test_a_closed_traffic_increase_gate_speaks_once(script: Script) -> None:
    """D27, webhooks 8.5 and notifications 7.4; the next wait speaks again."""
    await script.initialized(analysis=hooks(inc="confirm-traffic-increase"))
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.answers(inc=403)
    await script.stage.rest(600)
    assert (events(script, HALT), script.stage.chat.texts().count(ALERT)) == (1, 1)
    script.answers(inc=200)
    await script.reaches("Progressing", 20)
    script.answers(inc=403)
    await script.stage.rest(600)
    assert (events(script, HALT), script.stage.chat.texts().count(ALERT)) == (2, 2)
    assert script.stage.phase() == "Progressing"


@staged(settings=NOTIFIED)
async def test_a_muted_gate_has_an_event_and_no_alert(script: Script) -> None:
    analysis = hooks(inc="confirm-traffic-increase")
    analysis["webhooks"][0]["muteAlert"] = True
    script.answers(inc=403)
    await script.initialized(analysis=analysis)
    await script.image("2.0.0")
    await script.stage.rest(300)
    assert (events(script, HALT), script.stage.chat.texts().count(ALERT)) == (1, 0)


@staged()
async def test_passed_pre_rollout_hooks_arent_called_again_while_a_gate_is_closed(
    script: Script,
) -> None:
    """Webhooks 8.6: they are, though, after a restart."""
    receivers = script.stage.receivers
    script.answers(inc=403)
    await script.initialized(analysis=hooks(pre="pre-rollout", inc="confirm-traffic-increase"))
    await script.image("2.0.0")
    await script.stage.rest(600)
    assert len(receivers.of("pre")) == 1
    assert len(receivers.of("inc")) > 5
    assert events(script, "Starting canary analysis for podinfo.test") == 1
    await script.image("3.0.0")
    await script.stage.rest(600)
    assert len(receivers.of("pre")) == 2


@staged()
async def test_pre_rollout_hooks_are_called_again_when_the_weight_fell_to_0(
    script: Script,
) -> None:
    """Webhooks 8.6: what was tested is no longer what will serve."""
    await script.initialized(analysis=hooks(pre="pre-rollout"))
    await script.image("2.0.0")
    await script.reaches("Progressing", 20)
    script.ready(0)
    await script.reaches("Progressing", 0)
    script.ready(2)
    await script.reaches("Progressing", 10)
    assert len(script.stage.receivers.of("pre")) == 2


@pytest.mark.parametrize("match", [None, [{"headers": {"x-canary": {"exact": "insider"}}}]])
def test_the_promotion_gate_of_iterations_is_asked_at_every_interval(match: object) -> None:
    """D18 and webhooks 8.8: beside the checks, which go on; no iteration is told again."""

    @staged()
    async def play(script: Script) -> None:
        script.answers(promo=403)
        analysis = {"stepWeight": None, "maxWeight": None, "iterations": 2, "match": match}
        analysis |= hooks(promo="confirm-promotion", load="rollout")
        await script.initialized(analysis=analysis)
        await script.image("2.0.0")
        await script.reaches("WaitingPromotion")
        asked, checked = (len(script.stage.receivers.of(name)) for name in ("promo", "load"))
        await script.stage.rest(600)
        assert len(script.stage.receivers.of("promo")) - asked == 10
        assert len(script.stage.receivers.of("load")) - checked == 10
        assert events(script, "Advance podinfo.test canary iteration 2/2") == 1
        assert script.stage.status()["iterations"] == 2

    play()


@staged()
async def test_a_wait_and_the_run_after_it_share_no_idempotency_key(script: Script) -> None:
    """S10: a receiver that knows a key gives its answer again, and here it is another question."""
    script.answers(gate=403, back=403)
    await script.initialized(analysis=hooks(gate="confirm-rollout", back="rollback"))
    await script.image("2.0.0")
    await script.stage.rest(300)
    script.answers(gate=200)
    await script.reaches("Progressing", 50)
    asked: dict[str, set[str]] = {}
    for call in script.stage.receivers.of("back"):
        asked.setdefault(call.key, set()).add(str(call.payload["phase"]))
    phases = [phase for found in asked.values() for phase in found]
    assert len(asked) > 5
    assert {"Waiting", "Progressing"} == set(phases)
    assert len(phases) == len(asked)
