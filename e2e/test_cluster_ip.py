"""The provider kubernetes under traffic: blue/green by ClusterIPs and kube-proxy."""

from __future__ import annotations

import time
from typing import Any

from canary.kube.resources import ALERT_PROVIDERS
from e2e.app import App
from e2e.entrances import NEW_EACH, cluster_ip
from e2e.farewell import REVERTING, deleted
from e2e.gates import Gates
from e2e.judgement import report
from e2e.manifests import NAME, application
from e2e.marked import WEIGHTLESS, unseen
from e2e.routes import from_canary
from e2e.scene import Scene
from e2e.suite import scenario

HOOKS = ("confirm-rollout", "pre-rollout", "rollout", "confirm-promotion", "post-rollout", "event")
CHAT = "chat"


def apex() -> dict[str, Any]:
    """The user's own Service, as it was before there was a Canary."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {"selector": {"app": NAME}, "ports": [{"port": 80, "targetPort": "http"}]},
    }


def chat(address: str) -> dict[str, Any]:
    """Where alerts go."""
    return {
        "apiVersion": ALERT_PROVIDERS.api_version,
        "kind": ALERT_PROVIDERS.kind,
        "metadata": {"name": CHAT},
        "spec": {"type": "slack", "channel": "releases", "address": f"{address}/{CHAT}"},
    }


@scenario("proxy", long=True)
async def test_cluster_ip(scene: Scene) -> None:
    """Users of a Service that was there before its Canary notice neither its takeover nor a bad
    release nor a good one nor the deletion; test load goes to the canary's Service. Webhooks and
    one alert reach real receivers."""
    app = App(scene, "kubernetes")
    async with Gates() as gates:
        gates.open |= {*HOOKS, CHAT}
        alerts = [{"name": CHAT, "severity": "error", "providerRef": {"name": CHAT}}]
        more = {"webhooks": [gates.hook(name) for name in HOOKS], "alerts": alerts}
        analysis = {**WEIGHTLESS, **more}
        workload, canary = application(
            app.host, app.provider, spec={**REVERTING, "analysis": analysis}
        )
        await scene.apply(apex(), chat(gates.address), workload)
        users = await scene.traffic(await app.entrance(), app.host, 20.0, [NEW_EACH])
        await users.reaches("1.0.0")
        # Until kube-proxy knew the Service, nobody was served.
        first = time.time()
        await scene.apply(canary)
        await app.until("Initialized")
        door = await cluster_ip(scene.client, scene.namespace, f"{NAME}-canary")
        testers = await scene.traffic(door, app.host, 30.0, [NEW_EACH])

        bad = await app.roll("shop:1.1.0-bad30")
        await unseen(bad, users)
        answers = users.between(first, float("inf"))
        report(app, bad, answers, [])
        assert bad.phases[-1] == "Failed"
        assert not from_canary([a for a in answers if a.sent > bad.began])
        tested = [a for a in from_canary(testers.answers) if a.revision == bad.revision]
        assert any(answer.failed for answer in tested)
        _told_of_failure(gates)

        good = await app.roll("shop:1.2.0")
        await users.reaches(good.revision)
        report(app, good, users.between(good.began, good.ended), [])
        assert good.phases[-1] == "Succeeded"
        assert app.image(f"{NAME}-primary") == good.image
        assert any(answer.revision == "1.2.0" for answer in from_canary(testers.answers))
        _told_of_success(gates)

        await app.at_rest()
        await deleted(app, [users], good.revision)
        assert not [a for a in users.between(first, float("inf")) if a.failed]
        assert len(gates.told(CHAT)) == 1, "one alert in all: of the failure"


def _told_of_failure(gates: Gates) -> None:
    assert {"confirm-rollout", "pre-rollout", "rollout", "post-rollout"} <= set(gates.asked)
    assert not gates.told("confirm-promotion"), "nobody asks whether to promote what failed"
    assert {body["phase"] for body in gates.told("post-rollout")} == {"Failed"}
    (alert,) = gates.told(CHAT)
    text = str(alert)
    assert alert["channel"] == "releases"
    assert "request-success-rate" in text and "99" in text, text


def _told_of_success(gates: Gates) -> None:
    assert gates.told("confirm-promotion")
    phases = [body["phase"] for body in gates.told("post-rollout")]
    assert phases == ["Failed", "Succeeded"]
    events = [body["metadata"]["eventMessage"] for body in gates.told("event")]
    assert any(message.startswith("Promotion completed!") for message in events), events[-5:]
