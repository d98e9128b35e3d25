"""Where two processes believe to lead, no step is shorter than its interval."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canary.controller.memory import Memory
from canary.controller.remember import overtaken
from canary.kube.resources import CANARIES
from canary.rollout.codec import decode
from canary.rollout.record import Record, Revision, Run
from canary.rollout.status import present
from tests.rig.staged import staged
from tests.transcripts.script import Script

RUN = Run(Revision("two"), attempt=2, step=0, polls=3)
OTHERS = {
    "a step": replace(RUN, step=1, polls=4),
    "a poll": replace(RUN, polls=4),
    "a run": replace(RUN, attempt=3, polls=0),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_another_process_judged_counts_as_judged_now(what: str) -> None:
    memory = Memory(record=Record(run=RUN), evaluated_at=10.0)
    overtaken(memory, Record(run=OTHERS[what]), 25.0)
    assert memory.evaluated_at == 25.0


@pytest.mark.parametrize("record", [None, Record(run=RUN)])
def test_what_this_process_put_on_record_counts_as_it_did(record: Record | None) -> None:
    memory = Memory(record=record, evaluated_at=10.0)
    overtaken(memory, Record(run=replace(RUN, stayed=4.0)), 25.0)
    assert memory.evaluated_at == 10.0


@staged()
async def test_what_another_process_went_on_to_lasts_its_interval(script: Script) -> None:
    """Where nothing routes only the memory of the last judgement keeps iterations apart."""
    stage = script.stage
    await script.initialized(spec={"provider": "kubernetes"})
    await script.image("2.0.0")
    await script.iterates(2)
    await stage.rest(30)
    live = stage.get(CANARIES, "podinfo")
    before = decode(live["status"]["engine"])
    assert before.run is not None and before.run.iteration == 2
    run = replace(before.run, step=before.run.step + 1, iteration=3, polls=before.run.polls + 1)
    status = present(replace(before, run=run), "Deployment", live["status"], stage.clock.now())
    rival = stage.cluster.client("canary-engine")
    await rival.update(CANARIES, {**live, "status": status}, subresource="status")
    await stage.rest(55)
    assert stage.status()["iterations"] == 3
    await stage.rest(10)
    assert stage.status()["iterations"] == 4
