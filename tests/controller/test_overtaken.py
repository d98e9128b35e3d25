"""Where two processes believe to lead, no step is shorter than its interval."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canary.controller.memory import Memory
from canary.controller.remember import overtaken
from canary.rollout.record import Record, Revision, Run

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
