"""What a deleted Canary leaves behind is said, once, before the engine forgets it (D36)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.controller.telling import Telling, played

SCALED = {"kind": "ScaledObject", "name": "podinfo-so"}
KEDA = "; ScaledObject podinfo-so stays paused by its annotation"
LEFT = {
    "Deployment": "keeps its replicas; scale it up if it is to serve",
    "DaemonSet": "keeps its node selector; remove flagger.app/scale-to-zero if it is to serve",
    "Service": "stays as it is",
}


def leaves(told: Telling, kind: str = "Deployment", phase: str = "Progressing", **spec: Any) -> Any:
    """A Canary that is gone."""
    target = {"kind": kind, "name": "podinfo"}
    return {
        "metadata": {**told.canary["metadata"], "name": "app"},
        "spec": {"targetRef": target, **spec},
        "status": {"phase": phase},
    }


@pytest.mark.parametrize("kind", LEFT)
@pytest.mark.parametrize("scaler", [None, SCALED, {"kind": "HorizontalPodAutoscaler"}])
def test_what_becomes_of_the_target_is_told(kind: str, scaler: dict[str, str] | None) -> None:
    @played
    async def play(told: Telling) -> None:
        told.heralds.farewell(leaves(told, kind, autoscalerRef=scaler))
        await asyncio.sleep(1.0)
        (text,) = told.events()
        begin, _, paused = text.partition(KEDA)
        assert begin == (
            "Canary app.default was deleted in phase Progressing: podinfo-primary and all "
            f"generated objects go with it, podinfo.default {LEFT[kind]}"
        )
        # Others than Deployments aren't scaled, and so not paused.
        assert bool(paused) is (scaler == SCALED and kind == "Deployment")

    play()


@played
async def test_what_never_ran_or_was_given_back_leaves_nothing_to_tell(told: Telling) -> None:
    ran = leaves(told)
    for gone in (
        leaves(told, phase=""),
        leaves(told, phase="Terminated"),
        {**ran, "status": None},
        {**ran, "status": {}},
        # Not even one whose spec is broken is any trouble.
        {**ran, "spec": None},
        {**ran, "spec": {}},
        {**ran, "spec": {"targetRef": {"kind": "Deployment"}}},
    ):
        told.heralds.farewell(gone)
    await asyncio.sleep(1.0)
    assert told.events() == []


@played
async def test_a_stop_lets_last_words_out_for_a_moment(told: Telling) -> None:
    await told.heralds.close()
    told.line.slow = 0.5
    told.heralds.farewell(leaves(told))
    await told.heralds.close()
    assert len(told.events()) == 1
    told.line.slow = 60.0
    told.heralds.farewell(leaves(told))
    began = asyncio.get_running_loop().time()
    await told.heralds.close()
    assert asyncio.get_running_loop().time() == began + 1.0


@played
async def test_a_canary_that_comes_again_may_complain_again(told: Telling) -> None:
    await told.heralds.complain(told.canary, "a")
    told.heralds.farewell(told.canary)
    await told.heralds.complain(told.canary, "a")
    assert len(told.line.sent) == 2
