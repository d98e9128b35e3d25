"""A spec that could never be read: the object says why, once, and whatever becomes of it."""

from __future__ import annotations

from typing import Any

from canary.kube.resources import CANARIES
from tests.badinput.test_specs import condition, slip_in
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


def told(script: Script) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in script.stage.events() if "invalid canary spec" in text]


@staged()
async def test_why_a_spec_can_not_be_read_is_said_once_and_stays_to_be_seen(
    script: Script,
) -> None:
    stage = script.stage
    await stage.up()
    await stage.apply(*setting())
    good = stage.get(CANARIES, "podinfo")["spec"]

    def bad(threshold: str) -> dict[str, Any]:
        return {**good, "analysis": {**good["analysis"], "threshold": threshold}}

    slip_in(script, bad("three"))
    stage.start()
    await stage.rest(30)
    ((kind, text),) = told(script)
    assert (kind, "three" in text) == ("Warning", True)
    assert (condition(script)["reason"], condition(script)["message"]) == ("InvalidSpec", text)
    # Whatever else changes on the object is no news.
    stage.history()
    await stage.patch(CANARIES, "podinfo", {"metadata": {"labels": {"team": "a"}}})
    await stage.rest(30)
    assert [change.resource for change in stage.history()] == [CANARIES]
    # Who drops the condition doesn't make the spec a good one.
    live = stage.get(CANARIES, "podinfo")
    kept = [c for c in live["status"]["conditions"] if c["type"] != "Blocked"]
    status = {**live["status"], "conditions": kept}
    await stage.user.update(CANARIES, {**live, "status": status}, subresource="status")
    await stage.rest(30)
    assert condition(script)["message"] == text
    assert len(told(script)) == 1
    # Another mistake is another text.
    slip_in(script, bad("four"))
    await stage.rest(30)
    assert ["four" in text for _, text in told(script)] == [False, True]
    assert "four" in condition(script)["message"]
