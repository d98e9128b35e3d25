"""Regular expressions in the words that RE2, PCRE and Go share."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")


def escape(text: str) -> str:
    """An expression that exactly ``text`` matches."""
    return _SPECIAL.sub(r"\\\1", text)


def unescape(expression: str) -> str:
    """The text that ``escape`` made the expression of."""
    return re.sub(r"\\(.)", r"\1", expression)
