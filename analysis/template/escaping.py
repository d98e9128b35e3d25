"""``html``, ``js`` and ``urlquery``."""

from __future__ import annotations

from urllib.parse import quote_plus

_HTML = {'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"}
_JS = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    **{char: f"\\u{ord(char):04X}" for char in "<>&="},
}


def html(text: str) -> str:
    """``text`` with HTML's special characters as entities."""
    return "".join(_HTML.get(char, char) for char in text)


def js(text: str) -> str:
    """``text`` fit for a JavaScript string."""
    return "".join(_JS.get(char) or _js(char) for char in text)


def _js(char: str) -> str:
    plain = char.isprintable() or char == "\x7f"
    return char if plain else f"\\u{ord(char):04X}"


def urlquery(text: str) -> str:
    """``text`` fit for the query part of a URL; a space becomes ``+``."""
    return quote_plus(text, errors="replace", safe="")
