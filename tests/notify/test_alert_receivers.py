"""What an AlertProvider says of its chat is used, and where one may be read."""

from __future__ import annotations

from canary.controller.settings import Settings
from canary.kube.resources import ALERT_PROVIDERS
from canary.notify.chats import Request
from tests.notify.test_notify_alerts import (
    bad,
    complaints,
    initialize,
    outbox,
    provider,
    to,
    url,
)
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged()
async def test_channel_user_and_proxy_are_those_of_the_provider(script: Script) -> None:
    """Where it names none, Flagger's names are used, and the proxy of the environment."""
    sent: dict[str, tuple[str, str, str]] = {}

    async def behave(request: Request) -> None:
        body = request.body
        sent[request.url] = (body["channel"], body["username"], request.proxy)

    script.stage.chat.behave = behave
    await script.stage.up()
    given = {"channel": "releases", "username": "deployer", "proxy": "http://proxy.test:3128"}
    await script.stage.apply(provider("chat"), provider("other", address=url("other"), **given))
    await initialize(script, to("chat", "other"))
    assert sent == {
        url("chat"): ("general", "flagger", ""),
        url("other"): ("releases", "deployer", "http://proxy.test:3128"),
    }


@staged()
async def test_a_provider_that_is_still_wrong_after_an_edit_is_told_again(script: Script) -> None:
    """Whoever edited it in vain has to hear so, though the words are the same."""
    await script.stage.up()
    await script.stage.apply(provider("chat", address="hooks/first"))
    await initialize(script, to("chat"))
    assert len(complaints(script)) == 1
    await script.stage.patch(ALERT_PROVIDERS, "chat", {"spec": {"address": "hooks/second"}})
    await bad(script)
    first, second = complaints(script)
    assert first == second


@staged(settings=Settings(namespaces=("test",)))
async def test_nothing_is_read_outside_the_scope_for_an_alert(script: Script) -> None:
    """The engine may have no permission there: each of its watches would be refused for ever."""
    stage = script.stage
    await stage.up(namespaces=("test", "chat"))
    await stage.apply(provider("ops", "chat"))
    await initialize(script, [{"name": "ops", "providerRef": {"name": "ops", "namespace": "chat"}}])
    await bad(script)
    asked = {e.path for e in stage.cluster.server.audit if e.user == "canary-engine"}
    assert [path for path in asked if "/namespaces/chat/" in path] == []
    assert stage.chat.texts() == []
    assert outbox(script) == []
