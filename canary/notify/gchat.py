"""Messages for Google Chat."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from canary.api.hooks import Severity
from canary.notify.notification import Notification

TITLE = "canary-engine"
_GREY = "#848484"
COLOURS: Mapping[Severity, str] = {"info": _GREY, "warn": "#FFA500", "error": "#FF0000"}
"""Of the message; Flagger's is always grey (notifications 7.12)."""


def cards(told: Notification) -> dict[str, Any]:
    """One card: the message, then a section for each field."""
    lines = [_strong(told.text, COLOURS[told.severity])]
    lines += [f"{escape(name)}<br>{_strong(value, _GREY)}" for name, value in told.fields]
    sections = [{"widgets": [{"textParagraph": {"text": line}}]} for line in lines]
    return {"cards": [{"header": {"title": TITLE, "subtitle": told.subject}, "sections": sections}]}


def _strong(text: str, colour: str) -> str:
    return f"<font color={colour}><strong>{escape(text, quote=False)}</strong></font>"
