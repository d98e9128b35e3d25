"""The chats that there are: from a message and a receiver to the request that tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from canary.notify import gchat, slack, teams
from canary.notify.notification import Notification
from canary.notify.receiver import ChatType, Receiver, Unusable, absolute, shown


@dataclass(frozen=True, slots=True)
class Request:
    """A POST of ``body`` as JSON. ``proxy`` is empty where the environment decides."""

    url: str = field(repr=False)
    body: Mapping[str, Any]
    token: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Chat:
    """``hook`` is what its address is called; ``name`` is given where user and channel matter."""

    hook: str
    body: Callable[[Notification, Receiver], Mapping[str, Any]]
    name: str = ""
    address: Callable[[str], str] = str


_CHATS: Mapping[ChatType, _Chat] = {
    "slack": _Chat("Slack hook", lambda n, r: slack.attachment(n, r, slack.SLACK), "Slack"),
    "discord": _Chat(
        "Discord hook",
        lambda n, r: slack.attachment(n, r, slack.SLACK),
        "Discord",
        slack.discord_address,
    ),
    "rocket": _Chat("Rocket hook", lambda n, r: slack.attachment(n, r, slack.ROCKET), "Rocket"),
    "msteams": _Chat("MS Teams webhook", lambda n, r: teams.card(n, r.address)),
    "gchat": _Chat("Google Chat webhook", lambda n, r: gchat.cards(n)),
}


def check(receiver: Receiver) -> None:
    """Raises Unusable where ``receiver`` can't be sent to."""
    chat = _CHATS[receiver.type]
    if not absolute(receiver.address):
        raise Unusable(f"invalid {chat.hook} URL {shown(receiver.address)}")
    if chat.name and not receiver.username:
        raise Unusable(f"empty {chat.name} username")
    if chat.name and not receiver.channel:
        raise Unusable(f"empty {chat.name} channel")
    if not (receiver.token.isascii() and receiver.token.isprintable()):
        raise Unusable("invalid token: accepted are printable ASCII characters")


def request(told: Notification, receiver: Receiver) -> Request:
    """What to send to ``receiver``; raises Unusable."""
    check(receiver)
    chat = _CHATS[receiver.type]
    token = receiver.token if receiver.type == "slack" else ""
    url = chat.address(receiver.address)
    return Request(url, chat.body(told, receiver), token, receiver.proxy)
