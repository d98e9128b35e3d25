"""Session affinity under traffic: visitors who keep cookies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from e2e.app import App
from e2e.gates import Gates
from e2e.judgement import report
from e2e.manifests import NAME, STEPS
from e2e.marked import unseen
from e2e.routes import from_canary
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.traffic import Answer

VISITORS = 60
RATE = 60.0
GATE, EXIT = "confirm-traffic-increase", "rollback"


def by_visitor(answers: Sequence[Answer]) -> Mapping[int, list[Answer]]:
    """The answers of each visitor, in the order in which they were sent."""
    found: dict[int, list[Answer]] = defaultdict(list)
    for answer in sorted(answers, key=lambda a: a.sent):
        found[answer.visitor].append(answer)
    return found


def turned(answers: Sequence[Answer]) -> list[str]:
    """Revisions as a visitor saw them, each once per change."""
    seen: list[str] = []
    for answer in answers:
        if not seen or seen[-1] != answer.revision:
            seen.append(answer.revision)
    return seen


@scenario("contour")
async def test_session_affinity(scene: Scene) -> None:
    """Who was given the new revision keeps it, through each step and the promotion; after a
    rollback, which a person asks for, nobody is held by the old cookie."""
    app = App(scene)
    async with Gates() as gates:
        gates.open.add(GATE)
        analysis = {
            "sessionAffinity": {"cookieName": "shop-canary"},
            "webhooks": [gates.hook(GATE), gates.hook(EXIT)],
        }
        await app.start(spec={"analysis": analysis})
        users = await app.traffic(RATE, visitors=VISITORS)
        good = await app.roll("shop:1.1.0")
        await users.reaches(good.revision)
        answers = users.between(good.began, float("inf"))
        report(app, good, answers, [])
        assert good.phases[-1] == "Succeeded"
        assert good.weights == [0, *STEPS, 0] and good.routed == [*STEPS, 0]
        assert not [answer for answer in answers if answer.failed]
        for visitor, own in by_visitor(answers).items():
            # Some come first when there is a weight already.
            seen = turned(own)
            back = f"visitor {visitor} was sent back and forth: {seen}"
            assert seen in (["1.0.0", "1.1.0"], ["1.1.0"]), back
        early = {a.visitor for a in from_canary(answers)}
        scene.say(f"  {len(early)} of {VISITORS} visitors saw it before its promotion")
        assert len(early) > VISITORS / 4

        image = "shop:1.2.0"
        began = await app.set_image(image)
        # Nobody lets the weight grow beyond the first step, and then somebody wants it back.
        await app.routes.until(lambda: app.routed == STEPS[0], "canary weight 20", 300.0)
        gates.open.discard(GATE)
        asked = gates.asked.count(GATE)
        await app.canaries.until(lambda: gates.asked.count(GATE) > asked, "closed gate", 120.0)
        gates.open.add(EXIT)
        taken = await app.ended(image, began)
        await unseen(taken, users)
        answers = users.between(began, float("inf"))
        report(app, taken, answers, [])
        assert taken.phases[-1] == "Failed"
        assert taken.routed == [STEPS[0], 0], "the gate was closed"
        assert app.image(f"{NAME}-primary") == "shop:1.1.0"
        assert not [answer for answer in answers if answer.failed]
        assert any(answer.revision == taken.revision for answer in answers)
