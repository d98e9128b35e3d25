"""What has to be true of a rollout under traffic, and its figures for people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from e2e.app import App, Rollout
from e2e.interval import CONFIDENCE, clopper_pearson
from e2e.manifests import NAME, STEPS
from e2e.routes import Split, lags, splits
from e2e.traffic import Answer, Traffic, by_revision

FEW = 100
"""Requests that a step's split is at least measured on."""
BAD = "bad"
_TAKEN_UP = 1.0
"""Seconds that those parts of a gateway which serve may be behind the one that is asked."""


def promoted(
    app: App,
    users: Traffic,
    rollout: Rollout,
    *,
    before: str,
    few: int = FEW,
    steps: Sequence[int] = STEPS,
) -> None:
    """The rollout walked through its steps, users got what the weights say, the primary runs the
    new revision, and no request failed. Splits of ``few`` requests at least are judged, 0: none."""
    answers = users.between(rollout.began, rollout.ended)
    measured = list(splits(app.spans, answers))
    report(app, rollout, answers, measured)
    assert rollout.phases[-1] == "Succeeded"
    walked = [phase for phase in rollout.phases if not phase.startswith("Waiting")]
    assert walked[-4:] == ["Progressing", "Promoting", "Finalising", "Succeeded"]
    assert rollout.weights == [0, *steps, 0], "weights of record"
    assert rollout.routed == [*steps, 0], "weights of the route"
    assert app.image(f"{NAME}-primary") == rollout.image
    assert not [answer for answer in answers if answer.failed]
    assert {answer.revision for answer in answers} == {before, rollout.revision}
    as_planned(measured, STEPS, few)


def rolled_back(app: App, users: Traffic, rollout: Rollout, *, stays: str, few: int = FEW) -> None:
    """The rollout stopped at its first step, whoever failed was served by the bad image, and since
    its weight went back nobody is."""
    answers = users.between(rollout.began, float("inf"))
    measured = list(splits(app.spans, answers))
    report(app, rollout, answers, measured)
    assert rollout.phases[-1] == "Failed"
    assert rollout.routed == [STEPS[0], 0]
    assert rollout.weights == [0, STEPS[0], 0]
    assert any(s.failed for s in rollout.standings), "it was judged by failed checks"
    assert app.image(f"{NAME}-primary") == f"{NAME}:{stays}"
    only_bad_images_fail(answers)
    assert any(answer.failed for answer in answers), "the bad image did fail"
    as_planned(measured, STEPS[:1], few)
    nobody_reaches(rollout, answers)


def only_bad_images_fail(answers: Sequence[Answer]) -> None:
    """Every failed request carries the header of a pod with a bad image."""
    failed = [answer for answer in answers if answer.failed]
    strange = [a for a in failed if BAD not in a.revision or not a.pod.startswith(f"{NAME}-")]
    assert not strange, f"{len(strange)} requests failed elsewhere: {strange[:5]}"


async def traffic_back(rollout: Rollout, users: Traffic, within: float = 120.0) -> None:
    """Wait until the gateway has the route without the revision, and enough requests were sent
    since."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while len(_after(rollout, users.answers)) < FEW:
        assert loop.time() < deadline, f"fewer than {FEW} requests since traffic is back"
        await asyncio.sleep(0.5)


def _after(rollout: Rollout, answers: Sequence[Answer]) -> list[Answer]:
    moves = rollout.shifts
    if not moves or moves[-1].weight:
        return []
    return since_left(rollout.app, moves[-1].at, answers)


def since_left(app: App, moment: float, answers: Sequence[Answer]) -> list[Answer]:
    """Those sent since the gateway leads nobody to the canary, as it said when it was asked after
    ``moment``; where there is no gateway, those sent after it."""
    if not app.has_gateway:
        return [answer for answer in answers if answer.sent > moment]
    *_, last = app.spans or [None]
    if last is None or last.end < moment or any(last.shares):
        return []
    return [answer for answer in answers if answer.sent > last.begin + _TAKEN_UP]


def nobody_reaches(rollout: Rollout, answers: Sequence[Answer]) -> None:
    """Once the route without the bad revision is live, no request sent reaches it."""
    after = _after(rollout, answers)
    late = [answer for answer in after if answer.revision == rollout.revision]
    assert len(after) >= FEW, "too few requests after the rollback to say anything"
    assert not late, f"{len(late)} requests reached it after the rollback: {late[:5]}"


def as_planned(measured: Sequence[Split], steps: Sequence[int], few: int) -> None:
    """Each step's weight lies within the confidence interval of what was measured at the client, on
    ``few`` requests at least; 0: nothing is measured."""
    if not few:
        return
    found = {split.weight: split for split in measured}
    for step in steps:
        assert step in found, f"nothing was measured at weight {step}"
        split = found[step]
        assert split.requests >= few, f"{split} is too few to measure a share"
        low, high = clopper_pearson(split.canary, split.requests)
        assert low <= step / 100 <= high, f"{split}: the share is {low:.3f} to {high:.3f}"


def report(
    app: App, rollout: Rollout, answers: Sequence[Answer], measured: Sequence[Split]
) -> None:
    """Print the figures of a rollout."""
    say = app.scene.say
    walk = " → ".join(map(str, rollout.weights))
    seconds = rollout.ended - rollout.began
    say(f"{rollout.image} {rollout.phases[-1]} after {seconds:.0f} s, weights {walk}")
    for split in measured:
        if split.weight:
            low, high = clopper_pearson(split.canary, split.requests)
            share = 100 * split.canary / split.requests
            say(
                f"  at {split.weight} %: {split.canary} of {split.requests} = {share:.1f} %, "
                f"{100 * CONFIDENCE:g} % interval {100 * low:.1f} to {100 * high:.1f} %"
            )
    if late := lags(rollout.shifts, app.spans):
        told = ", ".join(f"{weight} % {seconds:.1f} s" for weight, seconds in late.items())
        say(f"  written until the gateway has it: {told}")
    for revision, tally in sorted(by_revision(answers).items()):
        say(f"  {revision or 'nobody':16} {tally.requests:6} requests, {tally.failed:4} failed")
    bad = [answer for answer in answers if answer.revision == rollout.revision]
    first = next((answer for answer in bad if answer.failed), None)
    if first is not None:
        last = max(answer.sent for answer in bad)
        say(f"  {last - first.ended:.1f} s from the first bad answer to traffic back")
