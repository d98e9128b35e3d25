"""A/B testing: users with a mark get the new revision while it is judged, the others never do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from e2e.app import App, Rollout
from e2e.judgement import FEW, only_bad_images_fail, report, since_left
from e2e.manifests import NAME
from e2e.routes import from_canary
from e2e.traffic import Traffic

WEIGHTLESS = {"stepWeight": None, "maxWeight": None, "iterations": 2}
"""For the analysis: iterations instead of weights."""


async def marked(
    app: App, match: Sequence[Mapping[str, Any]], yes: Sequence[str], no: Sequence[str]
) -> None:
    """A bad and a good release with this ``match``. ``yes`` and ``no`` are headers of users who
    have to match, and who must not; there are users without any, too."""
    await app.start(spec={"analysis": {**WEIGHTLESS, "match": list(match)}})
    others = [await app.traffic(20.0), *[await app.traffic(10.0, header) for header in no]]
    insiders = [await app.traffic(20.0, header) for header in yes]
    bad = await app.roll(f"{NAME}:1.1.0-bad30")
    await asyncio.gather(*(unseen(bad, users) for users in (*others, *insiders)))
    _judge(app, bad, others, insiders)
    assert bad.phases[-1] == "Failed"
    assert app.image(f"{NAME}-primary") == f"{NAME}:1.0.0"
    for users in insiders:
        answers = users.between(bad.began, float("inf"))
        only_bad_images_fail(answers)
        assert any(answer.failed for answer in answers), "the bad image did fail"
    good = await app.roll(f"{NAME}:1.2.0")
    for users in (*others, *insiders):
        await users.reaches(good.revision)
        assert not [a for a in users.between(good.began, float("inf")) if a.failed]
    _judge(app, good, others, insiders)
    assert good.phases[-1] == "Succeeded"
    assert app.image(f"{NAME}-primary") == good.image


def _judge(app: App, rollout: Rollout, others: list[Traffic], insiders: list[Traffic]) -> None:
    for users in others:
        answers = users.between(rollout.began, rollout.ended)
        report(app, rollout, answers, [])
        assert not [answer for answer in answers if answer.failed]
        assert not from_canary(answers), "a user without the mark was served by the canary"
    for users in insiders:
        answers = users.between(rollout.began, rollout.ended)
        seen = len(from_canary(answers))
        app.scene.say(f"  {seen} of {len(answers)} insiders got the canary")
        assert seen > FEW


async def unseen(rollout: Rollout, users: Traffic, within: float = 120.0) -> None:
    """Wait for enough requests after a failed rollout: none of them reaches its revision."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while len(after := since_left(rollout.app, rollout.ended, users.answers)) < FEW:
        assert loop.time() < deadline, f"fewer than {FEW} requests since the rollback"
        await asyncio.sleep(0.5)
    late = [answer for answer in after if answer.revision == rollout.revision]
    assert not late, f"{len(late)} requests reached it after the rollback: {late[:5]}"
