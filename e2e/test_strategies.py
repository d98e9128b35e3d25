"""Strategies other than steps of weight, under traffic."""

from __future__ import annotations

from e2e.app import App
from e2e.judgement import report
from e2e.manifests import NAME
from e2e.routes import from_canary
from e2e.scene import Scene
from e2e.suite import scenario

INSIDER = "x-insider: yes"
MATCH = [{"headers": {"x-insider": {"exact": "yes"}}}]
WEIGHTLESS = {"stepWeight": None, "maxWeight": None, "iterations": 2}


@scenario("contour")
async def test_header(scene: Scene) -> None:
    """A/B testing: who sends the header gets the new revision, nobody else does before it is
    promoted."""
    app = App(scene)
    await app.start(spec={"analysis": {**WEIGHTLESS, "match": MATCH}})
    users, insiders = await app.traffic(), await app.traffic(20.0, INSIDER)
    good = await app.roll("shop:1.1.0")
    plain = users.between(good.began, good.ended)
    report(app, good, plain, [])
    assert good.phases[-1] == "Succeeded"
    assert app.image(f"{NAME}-primary") == good.image
    assert not from_canary(plain), "a user without the header was served by the canary"
    during = insiders.between(good.began, good.ended)
    scene.say(f"  {len(from_canary(during))} of {len(during)} insiders got the canary")
    assert len(from_canary(during)) > 100
    assert not [answer for answer in (*plain, *during) if answer.failed]


@scenario("contour")
async def test_blue_green(scene: Scene) -> None:
    """Iterations without a match: users see the new revision only once it has passed."""
    app = App(scene)
    metrics = {"metrics": None}
    await app.start(spec={"analysis": {**WEIGHTLESS, **metrics}})
    users = await app.traffic()
    good = await app.roll("shop:1.1.0")
    answers = users.between(good.began, good.ended)
    report(app, good, answers, [])
    assert good.phases[-1] == "Succeeded"
    assert app.image(f"{NAME}-primary") == good.image
    assert not [answer for answer in answers if answer.failed]
