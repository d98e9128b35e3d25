"""The JSON that each chat gets, against Flagger's own examples."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from canary.notify.chats import request
from canary.notify.gchat import TITLE
from canary.notify.notification import Notification
from canary.notify.receiver import Receiver, Unusable, shown

FACTS = yaml.safe_load(
    (Path(__file__).parent / "data" / "payloads.yaml").read_text(encoding="utf-8")
)
TYPES = sorted(FACTS["payloads"])
ADDRESS = "https://hooks.test/services/s3cret"
TOLD = Notification("info", FACTS["subject"], FACTS["text"], tuple(FACTS["fields"].items()))
WORKFLOW = "https://prod-1.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke"


def sent(told: Notification, type_: Any, address: str = ADDRESS, **parts: Any) -> Any:
    """The JSON as it is on the wire."""
    return json.loads(orjson.dumps(request(told, Receiver(type_, address, **parts)).body))


def colours(told: Notification, type_: str) -> list[str]:
    """The values of the facts' colours that are in the payload of ``told``."""
    text = json.dumps(sent(told, type_))
    return [colour for colour in FACTS["colours"][type_] if f"{colour}" in text]


@pytest.mark.parametrize("type_", TYPES)
def test_payloads_are_flaggers(type_: str) -> None:
    expected = copy.deepcopy(FACTS["payloads"][type_])
    if type_ == "gchat":
        # Title and picture are branding: ours has a title of its own and no picture.
        (card,) = expected["cards"]
        card["header"] = {"title": TITLE, "subtitle": card["header"]["subtitle"]}
    assert sent(TOLD, type_) == expected


@pytest.mark.parametrize("type_", TYPES)
def test_severities_have_colours(type_: str) -> None:
    bare = replace(TOLD, fields=())
    for severity, colour in zip(("info", "warn", "error"), FACTS["colours"][type_], strict=True):
        assert colours(replace(bare, severity=severity), type_) == [colour]


def test_no_field_is_an_empty_list() -> None:
    bare = replace(TOLD, fields=())
    assert sent(bare, "slack")["attachments"][0]["fields"] == []
    assert sent(bare, "msteams")["sections"][0]["facts"] == []


@pytest.mark.parametrize("type_", ["slack", "discord", "rocket"])
def test_channel_and_user_are_the_receivers(type_: str) -> None:
    found = sent(TOLD, type_, channel="ops", username="bot")
    assert (found["channel"], found["username"]) == ("ops", "bot")


def test_text_for_google_chat_is_escaped() -> None:
    # notifications 7.12
    told = replace(TOLD, text="success rate 90% < 99% & falling", fields=(("a<b", "x>y"),))
    sections = sent(told, "gchat")["cards"][0]["sections"]
    texts = [section["widgets"][0]["textParagraph"]["text"] for section in sections]
    assert texts == [
        "<font color=#848484><strong>success rate 90% &lt; 99% &amp; falling</strong></font>",
        "a&lt;b<br><font color=#848484><strong>x&gt;y</strong></font>",
    ]


@pytest.mark.parametrize(
    ("severity", "colour"), [("info", "Accent"), ("warn", "Warning"), ("error", "Attention")]
)
def test_workflows_of_teams_get_an_adaptive_card(severity: Any, colour: str) -> None:
    # notifications 7.14
    found = sent(replace(TOLD, severity=severity), "msteams", WORKFLOW)
    assert found["type"] == "message"
    (attachment,) = found["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    title, subtitle, facts = attachment["content"]["body"]
    assert (title["text"], title["color"]) == (TOLD.text, colour)
    assert subtitle["text"] == TOLD.subject
    assert facts["facts"][0] == {"title": "Cluster", "value": "c1"}
    bare = sent(replace(TOLD, fields=()), "msteams", WORKFLOW)
    assert len(bare["attachments"][0]["content"]["body"]) == 2


@pytest.mark.parametrize(
    "address",
    ["https://x.webhook.office.com/workflows/1", "https://logic.azure.com.test/workflows/1"],
)
def test_other_addresses_of_teams_get_a_message_card(address: str) -> None:
    assert sent(TOLD, "msteams", address)["@type"] == "MessageCard"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://d.test/api/webhooks/1/2", "https://d.test/api/webhooks/1/2/slack"),
        ("https://d.test/api/webhooks/1/2/", "https://d.test/api/webhooks/1/2/slack"),
        ("https://d.test/a/1/2?wait=true", "https://d.test/a/1/2/slack?wait=true"),
        ("https://d.test/a/1/2/slack", "https://d.test/a/1/2/slack"),
        # notifications 7.11
        ("https://d.test/a/1/2/slack?wait=true", "https://d.test/a/1/2/slack?wait=true"),
        ("https://d.test/a/1?to=/slack", "https://d.test/a/1/slack?to=/slack"),
    ],
)
def test_discord_is_addressed_on_its_slack_path(address: str, path: str) -> None:
    assert request(TOLD, Receiver("discord", address)).url == path


@pytest.mark.parametrize("type_", TYPES)
def test_tokens_are_for_slack_only(type_: str) -> None:
    found = request(TOLD, Receiver(type_, ADDRESS, token="xoxb-1", proxy="http://p.test"))
    assert found.token == ("xoxb-1" if type_ == "slack" else "")
    assert found.proxy == "http://p.test"


@pytest.mark.parametrize("row", FACTS["errors"], ids=lambda row: row["text"])
def test_what_is_wrong_with_a_receiver_is_named_without_its_secret(row: dict[str, str]) -> None:
    parts: dict[str, Any] = {"address": ADDRESS, **row}
    text = parts.pop("text")
    with pytest.raises(Unusable) as caught:
        request(TOLD, Receiver(**parts))
    assert str(caught.value) == text


def test_a_token_that_no_header_can_carry_is_refused() -> None:
    with pytest.raises(Unusable, match="invalid token"):
        request(TOLD, Receiver("slack", ADDRESS, token="xoxb\r\nX-Evil: 1"))


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (ADDRESS, "https://hooks.test"),
        ("https://user:s3cret@hooks.test:8443/x", "https://hooks.test:8443"),
        ("hooks.test/s3cret", "hooks.test"),
        ("https://hooks.test?token=s3cret", "https://hooks.test"),
    ],
)
def test_addresses_are_shown_without_their_secret(address: str, text: str) -> None:
    # notifications 7.15
    assert shown(address) == text
    assert "s3cret" not in repr(Receiver("slack", address, token="s3cret"))
