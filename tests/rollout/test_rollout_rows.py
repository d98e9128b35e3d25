"""Each row of rules: what each rule is there for, and to what it gives way.

The order is that of the design: deletion, what somebody asks for, a suspension, exits and safety,
what can't be seen, then the run itself.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from circumstances import both, here, look

from canary.rollout.decide import decide
from canary.rollout.rules import RULES
from canary.rollout.stage import Stage

_FIRST = ("deleted", "requested", "suspended", "outdated")
_UNSEEN = ("impeded", "unknown")
_JUDGED = (
    *_FIRST, "aborted", "threshold", "lowered", "widened", "dead", "edited", *_UNSEEN, "heeded",
    "reverted", "superseded", "primary_ready", "recycled", "canary_ready", "recovered", "pinned",
    "skipped", "asked_to_promote", "live", "paced", "confirmed_again", "rollback_wanted",
    "prepared", "checked", "checks", "kept_paused", "stayed", "approved", "traffic_increase",
    "promotion", "sized", "step",
)  # fmt: skip
_IDLE = (*_FIRST, "lowered", "dead", "edited", *_UNSEEN, "lost", "changed", "at_rest")
ORDER = {
    Stage.INITIALIZING: (
        *_FIRST, *_UNSEEN, "pinned_first", "availability", "primary_started", "apex_switched",
        "initialized",
    ),
    Stage.INITIALIZED: _IDLE,
    Stage.SUCCEEDED: _IDLE,
    Stage.FAILED: (
        *_FIRST, "returning", "lowered", "dead", "falling", "edited", *_UNSEEN, "unjudged",
        "restored", "lost", "retried", "changed", "returned", "at_rest",
    ),
    Stage.WAITING: (
        *_FIRST, "aborted", "edited", *_UNSEEN, "heeded", "left", "waited", "rollback_wanted",
        "begun",
    ),
    Stage.PROGRESSING: _JUDGED,
    Stage.WAITING_PROMOTION: tuple(rule for rule in _JUDGED if rule != "traffic_increase"),
    Stage.PROMOTING: (
        *_FIRST, "lowered", "widened", "dead", "moved_on", "edited", *_UNSEEN, "unpinned",
        "primary_again", "shift",
    ),
    Stage.FINALISING: (*_FIRST, "edited", *_UNSEEN, "primary_again", "finished"),
    Stage.TERMINATING: (
        "unseen", "pointless", "given_back", "sized", "serving", "released", "drained", "left",
    ),
    Stage.TERMINATED: ("told",),
}  # fmt: skip
APART = {
    ("unjudged", "restored"): "the one takes a primary that is ready, the other the promoted "
    "revision or a primary that is stuck",
    ("changed", "returned"): "the one wants another revision than the promoted one, the other that",
    ("prepared", "checked"): "the one is asked before the first step, the other from it on",
    ("promotion", "sized"): "told sizes are those of weights, and their gate is at the end of them",
}
"""Neighbours of which never both have something to say, and why."""

ROWS = [(stage, rule) for stage, row in ORDER.items() for rule in row]
PAIRS = [
    (stage, one, other)
    for stage, row in ORDER.items()
    for one, other in pairwise(row)
    if (one, other) not in APART
]


@pytest.mark.parametrize("stage", Stage)
def test_no_rule_of_a_row_is_left_out(stage: Stage) -> None:
    assert {rule.__name__ for rule in RULES[stage]} <= set(ORDER[stage])


@pytest.mark.parametrize(("stage", "rule"), ROWS)
def test_a_rule_decides_where_it_is_called_for(stage: Stage, rule: str) -> None:
    assert decide(look(stage, here(stage, rule))).rule == rule


@pytest.mark.parametrize(("stage", "one", "other"), PAIRS)
def test_a_rule_goes_before_the_next(stage: Stage, one: str, other: str) -> None:
    seen = look(stage, both(stage, one, other))
    second = next(rule for rule in RULES[stage] if rule.__name__ == other)
    assert second(seen) is not None, "it would have something to say"
    assert decide(seen).rule == one
