"""Session cookies are of record before anybody gets one."""

from __future__ import annotations

from tests.rig.staged import staged
from tests.transcripts.script import Script
from tests.transcripts.timeline import COOKIES


@staged()
async def test_cookies_are_on_record_before_they_are_routed(script: Script) -> None:
    """D29: a route never hands out a cookie that a crash could lose; without a name for the
    primary's there is none."""
    sticky = {"sessionAffinity": {"cookieName": "cc"}}
    await script.initialized(analysis={"stepWeight": 25, **sticky})
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(30)
    known, seen = set(), 0
    for change in script.stage.history():
        status = change.obj.get("status") or {}
        known |= {status[key] for key in COOKIES if key in status}
        if change.resource.plural == "virtualservices" and "cc=" in str(change.obj["spec"]):
            seen += 1
            assert any(cookie in str(change.obj["spec"]) for cookie in known)
    assert seen >= 2
    assert len(known) == 1
