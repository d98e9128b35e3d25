"""Messages as attachments: Slack's form, which Discord and Rocket.Chat take too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from canary.api.hooks import Severity
from canary.notify.notification import Notification
from canary.notify.receiver import Receiver

SLACK: Mapping[Severity, str] = {"info": "good", "warn": "warning", "error": "danger"}
"""Colours of Slack and Discord; that of warn is ours (notifications 7.17)."""

ROCKET: Mapping[Severity, str] = {"info": "#0076D7", "warn": "#FFA500", "error": "#FF0000"}


def attachment(
    told: Notification, receiver: Receiver, colours: Mapping[Severity, str]
) -> dict[str, Any]:
    """The message as one attachment."""
    return {
        "channel": receiver.channel,
        "username": receiver.username,
        "icon_url": "",
        "icon_emoji": ":rocket:",
        "attachments": [
            {
                "color": colours[told.severity],
                "author_name": told.subject,
                "text": told.text,
                "mrkdwn_in": ["text"],
                "fields": [
                    {"title": name, "value": value, "short": False} for name, value in told.fields
                ],
            }
        ],
    }


def discord_address(address: str) -> str:
    """Discord's Slack-compatible path of a webhook: decided by its path (notifications 7.11)."""
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    if path.endswith("/slack"):
        return address
    return parts._replace(path=f"{path}/slack").geturl()
