"""Alerts of whole rollouts: who gets which, once, and what goes wrong without harm."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from canary.controller.settings import Settings
from canary.kube.resources import CANARIES, DEPLOYMENTS, EVENTS
from canary.kube.transport import Request as Call
from canary.kube.transport import Response, Transport
from canary.notify.chats import Request
from canary.notify.post import SendFailed
from canary.notify.receiver import Receiver
from tests.rig.chat import Chat
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script

INITIALIZED = "New Deployment detected, initialization completed."
STARTED = "New revision detected, progressing canary analysis."
FAILED = "Failed checks threshold reached 3"
FINISHED = "Canary analysis completed successfully, promotion finished."
OPS = Settings(
    cluster_name="c1", notifier=Receiver("slack", "https://ops.test", "ops", token="xoxb-1")
)


def url(name: str) -> str:
    return f"https://{name}.test/hook"


def provider(name: str, namespace: str = "test", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "AlertProvider",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"type": "slack", **(spec or {"address": url(name)})},
    }


def secret(name: str, **data: str) -> dict[str, Any]:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    meta = {"name": name, "namespace": "test"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": encoded}


def to(*names: str, **severities: str) -> list[dict[str, Any]]:
    """``analysis.alerts``: ``names`` without a severity, the others with theirs."""
    entries = [{"name": name, "providerRef": {"name": name}} for name in names]
    for name, severity in severities.items():
        entries.append({"name": name, "severity": severity, "providerRef": {"name": name}})
    return entries


async def good(script: Script) -> None:
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


async def bad(script: Script) -> None:
    await script.image("3.0.0")
    await script.reaches("Progressing", 20)
    script.stage.prometheus.value = 90
    await script.reaches("Failed")
    await script.stage.rest(60)


def outbox(script: Script) -> list[Any]:
    found: list[Any] = script.stage.status()["engine"].get("outbox", [])
    return found


def complaints(script: Script) -> list[str]:
    """Warnings about alerts."""
    return [text for _, text in script.stage.events() if "alert" in text]


@staged(settings=OPS)
async def test_the_notifier_of_all_hears_of_a_good_and_a_bad_rollout(script: Script) -> None:
    await script.initialized()
    await good(script)
    await bad(script)
    chat = script.stage.chat
    assert chat.texts() == [INITIALIZED, STARTED, FINISHED, STARTED, FAILED]
    assert {(m.url, m.token) for m in chat.messages} == {("https://ops.test", "xoxb-1")}
    assert chat.messages[0].fields == {
        "Cluster": "c1",
        "Target": "Deployment/podinfo.test",
        "Failed checks threshold": "3",
        "Progress deadline": "600s",
        "Traffic routing": "Weight step: 10 max: 50",
    }
    assert outbox(script) == []


@staged(settings=OPS)
async def test_a_rollback_is_one_alert_with_metric_value_limit_and_revision(
    script: Script,
) -> None:
    await script.initialized()
    await bad(script)
    (message,) = [m for m in script.stage.chat.messages if m.text == FAILED]
    fields = dict(message.fields)
    run = script.stage.status()["engine"]["run"]
    assert fields == {
        "Cluster": "c1",
        "Revision": run["revision"]["template"],
        "Metric": "request-success-rate",
        "Value": "90.00%",
        "Limit": "min 99%",
    }


@staged(settings=OPS)
async def test_a_deadline_is_told(script: Script) -> None:
    # D5
    await script.initialized()
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    script.stuck("podinfo")
    await script.reaches("Failed")
    await script.stage.rest(10)
    (text,) = script.stage.chat.texts()[2:]
    cause = 'deployment "podinfo" exceeded its progress deadline'
    assert text == f"Progress deadline exceeded canary deployment podinfo.test not ready: {cause}"


@staged(settings=OPS)
async def test_receivers_of_its_own_replace_the_notifier_and_filter(script: Script) -> None:
    await script.stage.up()
    names = ("all", "info", "warn", "error")
    await script.stage.apply(*[provider(name) for name in names])
    await initialize(script, to("all", info="info", warn="warn", error="error"))
    await bad(script)
    chat = script.stage.chat
    everything = [INITIALIZED, STARTED, FAILED]
    # D26: without a severity everything is heard
    assert chat.texts(url("all")) == chat.texts(url("info")) == everything
    assert chat.texts(url("warn")) == chat.texts(url("error")) == [FAILED]
    assert chat.texts("https://ops.test") == []
    assert outbox(script) == []


async def initialize(script: Script, alerts: list[dict[str, Any]]) -> None:
    await script.stage.apply(*setting(analysis={"alerts": alerts}))
    script.stage.start()
    await script.reaches("Initialized")
    await script.stage.rest(30)


@staged()
async def test_addresses_and_tokens_come_from_secrets_as_they_are_now(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(
        secret("chat", address=url("first") + "\n", token="xoxb-1\n"),
        provider("chat", secretRef={"name": "chat"}),
    )
    await initialize(script, to("chat"))
    await script.stage.apply(secret("chat", address=url("second")))
    await good(script)
    chat = script.stage.chat
    assert [(m.url, m.token) for m in chat.messages] == [
        (url("first"), "xoxb-1"),
        (url("second"), ""),
        (url("second"), ""),
    ]


@staged()
async def test_a_secret_may_hold_a_token_beside_an_address(script: Script) -> None:
    # notifications 7.7
    await script.stage.up()
    await script.stage.apply(
        secret("chat", token="xoxb-1"),
        provider("chat", address=url("chat"), secretRef={"name": "chat"}),
    )
    await initialize(script, to("chat"))
    assert [(m.url, m.token) for m in script.stage.chat.messages] == [(url("chat"), "xoxb-1")]


@staged()
async def test_what_is_wrong_with_a_provider_is_told_and_the_others_hear(script: Script) -> None:
    """notifications 7.8: an event for each change, in the words of notifications.md 1."""
    await script.stage.up()
    await script.stage.apply(
        provider("good"),
        provider("nosecret", secretRef={"name": "gone"}),
        secret("empty", token="x"),
        provider("noaddress", secretRef={"name": "empty"}),
        provider("badurl", address="hooks/s3cret"),
    )
    await initialize(script, to("gone", "nosecret", "noaddress", "badurl", "good"))
    expected = [
        'alert provider gone.test error: alertprovider.flagger.app "gone" not found',
        'alert provider nosecret.test secretRef error: secrets "gone" not found',
        "alert provider noaddress.test secret does not contain an address",
        "alert provider badurl.test error: invalid Slack hook URL hooks",
    ]
    assert sorted(complaints(script)) == sorted(expected)
    assert script.stage.chat.texts(url("good")) == [INITIALIZED]
    await good(script)
    assert sorted(complaints(script)) == sorted(expected), "the same trouble is one event"
    assert outbox(script) == []
    await script.stage.apply(provider("badurl", address="https:///s3cret"))
    await bad(script)
    (new,) = set(complaints(script)) - set(expected)
    assert new == "alert provider badurl.test error: invalid Slack hook URL https://"


@staged(settings=Settings(namespaces=("test",)))
async def test_a_provider_outside_the_scope_is_not_found(script: Script) -> None:
    await script.stage.up(namespaces=("test", "chat"))
    await script.stage.apply(provider("ops", "chat"))
    reference = {"name": "ops", "namespace": "chat"}
    await initialize(script, [{"name": "ops", "providerRef": reference}])
    found = 'alert provider ops.chat error: alertprovider.flagger.app "ops" not found'
    assert complaints(script) == [found]


@staged()
async def test_a_provider_of_another_namespace(script: Script) -> None:
    await script.stage.up(namespaces=("test", "chat"))
    await script.stage.apply(provider("ops", "chat"))
    reference = {"name": "ops", "namespace": "chat"}
    await initialize(script, [{"name": "ops", "providerRef": reference}])
    assert script.stage.chat.texts(url("ops")) == [INITIALIZED]


@staged()
async def test_a_provider_without_an_address_is_silent(script: Script) -> None:
    await script.stage.up()
    await script.stage.apply(provider("mute", address=""))
    await initialize(script, to("mute"))
    assert script.stage.chat.attempts == 0
    assert complaints(script) == []
    assert outbox(script) == []


def dead(name: str) -> Chat:
    """A chat of which one address never answers within its time."""

    async def behave(request: Request) -> None:
        if request.url == url(name):
            await asyncio.sleep(5)
            raise SendFailed("dead", again=True)

    return Chat(behave)


async def rollout_times(script: Script) -> list[tuple[float, str]]:
    """When which status was reached in a bad rollout."""
    await script.stage.up()
    await script.stage.apply(provider("dead"), provider("good"))
    await initialize(script, to("dead", "good"))
    before = len(script.stage.events())
    await bad(script)
    return [
        (obj["firstTimestamp"], obj["message"])
        for obj in events(script)[before:]
        if "alert" not in obj["message"]
    ]


def events(script: Script) -> list[dict[str, Any]]:
    found = [obj for _, obj in script.stage.cluster.server.storage.all(EVENTS)]
    return sorted(found, key=lambda obj: int(obj["metadata"]["resourceVersion"]))


def test_a_dead_receiver_delays_nothing() -> None:
    times: dict[bool, list[tuple[float, str]]] = {}
    heard: dict[bool, list[tuple[str, float]]] = {}

    for is_dead in (False, True):

        @staged(chat=dead("dead") if is_dead else Chat())
        async def play(script: Script, is_dead: bool = is_dead) -> None:
            times[is_dead] = await rollout_times(script)
            chat = script.stage.chat
            heard[is_dead] = [(m.text, m.at) for m in chat.messages if m.url == url("good")]
            if is_dead:
                # Three messages, three attempts each, then nobody waits for it any more.
                assert chat.attempts == 3 * 3 + len(heard[True])
                assert chat.texts(url("dead")) == []
            assert outbox(script) == []

        play()
    assert times[True] == times[False]
    assert heard[True] == heard[False]
    assert [text for text, _ in heard[True]] == [INITIALIZED, STARTED, FAILED]


@staged(settings=OPS)
async def test_an_outage_of_a_chat_is_waited_out(script: Script) -> None:
    fails = [SendFailed("busy", again=True), SendFailed("busy", again=True)]

    async def behave(request: Request) -> None:
        if fails:
            raise fails.pop()

    script.stage.chat.behave = behave
    await script.initialized()
    assert script.stage.chat.texts() == [INITIALIZED]
    assert complaints(script) == []


@staged(settings=OPS)
async def test_a_defect_costs_its_alert_and_nothing_else(script: Script) -> None:
    async def broken(request: Request) -> None:
        raise RuntimeError("not foreseen")

    script.stage.chat.behave = broken
    await script.initialized()
    script.stage.chat.behave = None
    await good(script)
    assert script.stage.chat.texts() == [STARTED, FINISHED]
    assert outbox(script) == []


@staged()
async def test_an_unreadable_spec_keeps_an_alert_waiting(script: Script) -> None:
    """Over a restart nobody knows who is to hear of it, until the spec can be read again."""

    async def never(request: Request) -> None:
        await asyncio.Event().wait()

    stage = script.stage
    await stage.up()
    await stage.apply(provider("chat"))
    stage.chat.behave = never
    await initialize(script, to("chat"))
    await stage.stop()
    stage.chat.behave = None
    await script.spec(service={"port": 9898.5})
    stage.start()
    await stage.rest(60)
    assert stage.chat.texts() == []
    await script.spec(service={"port": 9898})
    await stage.rest(60)
    assert stage.chat.texts() == [INITIALIZED]
    assert outbox(script) == []


@pytest.mark.parametrize("moment", ["before the chat took it", "after the chat took it"])
def test_a_kill_neither_loses_nor_doubles_the_alert_of_a_rollback(moment: str) -> None:
    @staged(settings=OPS)
    async def play(script: Script) -> None:
        stage = script.stage
        reached = asyncio.Event()

        async def behave(request: Request) -> None:
            if request.body["attachments"][0]["text"] != FAILED or reached.is_set():
                return
            reached.set()
            if moment.startswith("before"):
                await asyncio.Event().wait()

        stage.chat.behave = behave
        await script.initialized()
        killer = asyncio.create_task(_kill(script, reached))
        await bad(script)
        async with asyncio.timeout(60):
            await killer
        await stage.rest(60)
        told = [m.key for m in stage.chat.messages if m.text == FAILED]
        assert len(set(told)) == 1
        assert outbox(script) == []

    play()


async def _kill(script: Script, reached: asyncio.Event) -> None:
    await reached.wait()
    await script.stage.stop()
    await script.stage.rest(5)
    script.stage.start()


@staged(settings=OPS)
async def test_a_deleted_canary_takes_its_waiting_alerts_along(script: Script) -> None:
    async def never(request: Request) -> None:
        await asyncio.Event().wait()

    await script.initialized()
    script.stage.chat.behave = never
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    await script.stage.delete(CANARIES, "podinfo")
    await script.stage.rest(10)
    assert script.stage.get(DEPLOYMENTS, "podinfo") is not None
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert [name for name in names if name.startswith("alert to")] == []


@staged()
async def test_an_unreachable_secret_is_asked_for_again(script: Script) -> None:
    """A refusal that may pass is no reason to give the alert up."""
    asked: list[str] = []

    class Hiccup:
        def __init__(self, inner: Transport) -> None:
            self.request_ = inner.request
            self.stream, self.close = inner.stream, inner.close

        async def request(self, call: Call) -> Response:
            if call.method == "GET" and call.path.endswith("/secrets/chat"):
                asked.append(call.path)
                if len(asked) == 1:
                    return Response(503, {}, b'{"message":"try later"}')
            return await self.request_(call)

    script.stage.wrap = Hiccup
    await script.stage.up()
    await script.stage.apply(
        secret("chat", address=url("chat")), provider("chat", secretRef={"name": "chat"})
    )
    await initialize(script, to("chat"))
    assert script.stage.chat.texts() == [INITIALIZED]
    assert len(asked) == 2
