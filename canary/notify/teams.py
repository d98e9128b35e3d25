"""Messages for Microsoft Teams: cards of the old connectors, and those of workflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from canary.api.hooks import Severity
from canary.notify.notification import Notification

COLOURS: Mapping[Severity, str] = {"info": "0076D7", "warn": "FFA500", "error": "FF0000"}
_STYLES: Mapping[Severity, str] = {"info": "Accent", "warn": "Warning", "error": "Attention"}
_WORKFLOW_HOSTS = (".logic.azure.com", ".logic.azure.us", ".powerplatform.com", ".powerplatform.us")


def card(told: Notification, address: str) -> dict[str, Any]:
    """The form that ``address`` takes: workflows know Adaptive Cards only (notifications 7.14)."""
    parts = urlsplit(address)
    workflow = (parts.hostname or "").endswith(_WORKFLOW_HOSTS) and "/workflows/" in parts.path
    return _adaptive_card(told) if workflow else _message_card(told)


def _message_card(told: Notification) -> dict[str, Any]:
    return {
        "@type": "MessageCard",
        "@context": "http://schema.org/extensions",
        "themeColor": COLOURS[told.severity],
        "summary": told.subject,
        "sections": [
            {
                "activityTitle": told.text,
                "activitySubtitle": told.subject,
                "facts": [{"name": name, "value": value} for name, value in told.fields],
            }
        ],
    }


def _adaptive_card(told: Notification) -> dict[str, Any]:
    facts = [{"title": name, "value": value} for name, value in told.fields]
    body: list[dict[str, Any]] = [
        {
            "type": "TextBlock",
            "text": told.text,
            "weight": "Bolder",
            "color": _STYLES[told.severity],
            "wrap": True,
        },
        {"type": "TextBlock", "text": told.subject, "isSubtle": True, "wrap": True},
    ]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [*body, {"type": "FactSet", "facts": facts}] if facts else body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [attachment]}
