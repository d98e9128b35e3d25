"""``canary takeover --check``: what it foretells is what the engine then does."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from people import canary, columns
from people_flagger import foretold

from canary import virtualtime
from canary.kube.resources import CANARIES, DEPLOYMENTS, SERVICES
from tests.rig.stage import Stage, resource_of
from tests.transcripts import recorded
from tests.transcripts.test_takeover import FLAGGER, Left


@pytest.mark.parametrize("when", ["objectsInitialized", "objectsFinal"])
@pytest.mark.parametrize("name", recorded.NAMES)
def test_what_flagger_left_idle_is_idle(name: str, when: str) -> None:
    """The recordings are what test_takeover shows the engine to leave untouched."""

    async def play() -> None:
        left = Left(name, when)
        await left.set_up()
        await left.stage.rest(60)
        found = await foretold(left.stage, f"-n {name}")
        assert (found["takeover"], found["weight"]) == ("idle", 0)
        pin, *others = sorted(found["writes"], key=lambda write: "ControllerRevision" not in write)
        assert pin.startswith("create ControllerRevision ")
        # Providers D39: the rule that deletes the cookie gets its anchored expression.
        cookie = (name, when) == ("gw-affinity", "objectsFinal")
        assert others == (["apply HTTPRoute app"] if cookie else [])
        assert found["reason"] == ("put right: apply HTTPRoute app" if cookie else "nothing moves")
        assert found["lastWriter"]["manager"] == FLAGGER
        await left.stage.down()

    virtualtime.run(play())


def test_everything_asked_for_is_a_read() -> None:
    async def play() -> None:
        left = Left("config-change", "objectsInitialized")
        await left.set_up()
        server = left.stage.cluster.server
        before = len(server.audit)
        await canary(left.stage, "takeover --check -n config-change")
        await left.stage.rest(5)
        sent = list(server.audit)[before:]
        assert {entry.method for entry in sent} == {"GET"}
        await left.stage.down()

    virtualtime.run(play())


async def _writes(left: Left, **status: Any) -> None:
    """Flagger writes the status once more."""
    live = left.stage.get(CANARIES, "app", left.name)
    body = {**live, "status": {**live["status"], **status}}
    await left.stage.cluster.client(FLAGGER).update(CANARIES, body, subresource="status")


async def _in_flight(left: Left, weight: int) -> None:
    """A rollout of Flagger's, at ``weight``."""
    stage = left.stage
    await left.set_up()
    await stage.set_image("ghcr.io/stefanprodan/podinfo:6.0.9", "app", left.name)
    await stage.patch(DEPLOYMENTS, "app", {"spec": {"replicas": 2}}, left.name)
    await stage.rest(5)
    kind = resource_of({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"})
    route = copy.deepcopy(stage.get(kind, "app", left.name))
    for backend in route["spec"]["rules"][0]["backendRefs"]:
        backend["weight"] = weight if backend["name"] == "app-canary" else 100 - weight
    await stage.cluster.client(FLAGGER).update(kind, route)
    await _writes(left, phase="Progressing", canaryWeight=weight, failedChecks=1)


def test_a_flagger_in_the_midst_of_a_rollout_is_named_until_it_has_stopped() -> None:
    """gw-happy: interval 10 s, so that its writes count for 60 s; steps of 20 % up to 60 %."""

    async def play() -> None:
        left = Left("gw-happy", "objectsInitialized")
        await _in_flight(left, 40)
        await left.stage.rest(7)
        found = await foretold(left.stage, "-n gw-happy")
        assert (found["takeover"], found["then"]) == ("held", "continues")
        assert "flagger wrote its status 7 s ago" in found["reason"]
        assert (found["lastWriter"]["manager"], found["lastWriter"]["secondsAgo"]) == (FLAGGER, 7)
        await left.stage.rest(60)
        found = await foretold(left.stage, "-n gw-happy")
        assert (found["takeover"], found["then"]) == ("continues", "")
        assert (found["weight"], found["step"]) == (40, "2/3")
        # And so it comes.
        left.stage.start()
        await left.stage.rest(1)
        assert left.stage.status("app", "gw-happy")["canaryWeight"] == 40
        await left.stage.until(lambda: left.stage.phase("app", "gw-happy") == "Succeeded")
        weights = {c.obj["status"]["canaryWeight"] for c in _statuses(left.stage)}
        assert weights == {0, 40, 60}
        await left.stage.down()

    virtualtime.run(play())


def _statuses(stage: Stage) -> list[Any]:
    """Canaries with a status of ours, as they became."""
    return [
        change
        for change in stage.history()
        if change.resource == CANARIES and (change.obj.get("status") or {}).get("engine")
    ]


def test_the_live_weight_counts_and_not_the_one_in_the_status() -> None:
    async def play() -> None:
        left = Left("gw-happy", "objectsInitialized")
        await _in_flight(left, 20)
        await _writes(left, canaryWeight=60)
        await left.stage.rest(90)
        found = await foretold(left.stage, "-n gw-happy")
        assert (found["takeover"], found["weight"], found["step"]) == ("continues", 20, "1/3")
        await left.stage.down()

    virtualtime.run(play())


def test_a_pending_change_is_said_to_start() -> None:
    async def play() -> None:
        left = Left("istio-happy", "objectsFinal")
        await left.set_up()
        stage = left.stage
        await stage.set_image("ghcr.io/stefanprodan/podinfo:6.0.9", "app", "istio-happy")
        await stage.rest(60)
        assert (await foretold(stage, "-n istio-happy"))["takeover"] == "starts"
        stage.start()
        await stage.until(lambda: stage.phase("app", "istio-happy") == "Progressing", 60)
        await stage.down()

    virtualtime.run(play())


def test_what_is_not_as_it_should_be_is_named() -> None:
    """A Service that was changed by hand under Flagger."""

    async def play() -> None:
        left = Left("gw-happy", "objectsFinal")
        await left.set_up()
        patch = {"spec": {"selector": {"app": "nobody"}}}
        await left.stage.patch(SERVICES, "app-primary", patch, "gw-happy")
        await left.stage.rest(60)
        found = await foretold(left.stage, "-n gw-happy")
        assert found["takeover"] == "idle"
        assert (
            found["reason"].startswith("put right: ") and "Service app-primary" in found["reason"]
        )
        await left.stage.down()

    virtualtime.run(play())


def test_the_table_counts_and_says_who_wrote() -> None:
    async def play() -> None:
        left = Left("gw-happy", "objectsFinal")
        await left.set_up()
        await left.stage.rest(100)
        said = await canary(left.stage, "takeover --check -A")
        header, row, _, count = said.lines
        assert columns(header)[:4] == ["NAMESPACE", "NAME", "STATUS", "TAKEOVER"]
        assert columns(row)[:4] == ["gw-happy", "app", "Succeeded", "idle"]
        assert columns(row)[-1].startswith("flagger ") and columns(row)[-1].endswith(" ago")
        assert count == "1 idle"
        as_yaml = await canary(left.stage, "takeover --check app -n gw-happy -o yaml")
        assert yaml.safe_load(as_yaml.out)["canaries"][0]["takeover"] == "idle"
        await left.stage.down()

    virtualtime.run(play())
