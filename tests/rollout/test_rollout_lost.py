"""A primary that is gone, and whose template nothing holds any more (found by simulation)."""

from __future__ import annotations

from typing import Any

import factory as make
import pytest

from canary.rollout.decide import Decision, decide
from canary.rollout.record import Record
from canary.rollout.rules.lost import lost
from canary.rollout.rules.readiness import unmakable
from canary.rollout.stage import Stage
from canary.rollout.verdict import Hold, Pin

UNPINNED = frozenset({make.NEW.template})
"""The template of OLD, which is promoted, isn't pinned."""


def looked(record: Record, **changes: Any) -> Decision:
    seen = {"primary": make.GONE, "pins": UNPINNED, "target": make.target(make.NEWER), **changes}
    return decide(make.view(record, **seen))


@pytest.mark.parametrize("stage", [Stage.INITIALIZED, Stage.SUCCEEDED, Stage.FAILED])
def test_it_is_set_up_from_the_target(stage: Stage) -> None:
    # S40, where D21 can't do better: no pin says what users were served
    decision = looked(make.at_rest(stage))
    assert isinstance(decision.verdict, Pin)
    assert (decision.record.stage, decision.record.primary) == (Stage.INITIALIZING, make.NEWER)
    (told,) = decision.record.outbox
    assert told.warning
    assert told.text == (
        "podinfo-primary.test is gone and its template is not pinned any more: set up from the "
        "target"
    )


def test_a_rejected_revision_does_not_take_over() -> None:
    decision = looked(make.running(Stage.FAILED, weight=0), target=make.target(make.NEW))
    assert isinstance(decision.verdict, Hold)
    assert decision.record.stage is Stage.FAILED
    (told,) = decision.record.outbox
    assert told.text.endswith("e1-new of the target has failed: apply another revision")


@pytest.mark.parametrize(
    "there",
    [
        {"target": make.target(make.OLD)},
        {"pins": frozenset({make.OLD.template})},
        {"primary": make.primary()},
        {"primary": make.UNSEEN},
    ],
)
def test_what_can_still_be_made_is_made(there: dict[str, Any]) -> None:
    # The projection pins what the target has, and makes the primary of what is pinned.
    seen = {"primary": make.GONE, "pins": UNPINNED, "target": make.target(make.NEWER), **there}
    assert lost(make.view(make.at_rest(), **seen)) is None


def test_nothing_is_set_up_from_a_target_that_cannot_be_seen() -> None:
    view = make.view(make.at_rest(), primary=make.GONE, pins=UNPINNED, target=make.UNSEEN)
    assert unmakable(view) == make.OLD
    assert lost(view) is None


def test_after_a_failed_promotion_the_promoted_template_is_what_is_left() -> None:
    record = make.at_rest(Stage.FAILED, primary=make.NEW, applied=make.NEW)
    decision = looked(record, pins=frozenset({make.OLD.template}))
    assert decision.record.stage is Stage.FAILED
    assert decision.record.primary == make.OLD


def test_a_primary_that_nobody_has_decided_on_is_not_lost() -> None:
    assert unmakable(make.view(Record(), primary=make.GONE, pins=frozenset())) is None
