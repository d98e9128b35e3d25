"""Literals of the template language: Go's numbers, strings and characters."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\'\"])|x(?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8}))"
)
_PLAIN = dict(zip("abfnrtv\\'\"", "\a\b\f\n\r\t\v\\'\"", strict=True))
_INTEGER = re.compile(
    r"(?P<sign>[+-]?)(?:0[xX]_?(?P<hex>[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)"
    r"|0[bB]_?(?P<binary>[01]+(?:_[01]+)*)"
    r"|0[oO]?_?(?P<octal>[0-7]+(?:_[0-7]+)*)"
    r"|(?P<decimal>0|[1-9][0-9]*(?:_[0-9]+)*))"
)
_BASES = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class LiteralError(ValueError):
    """A literal that can't be read."""


def read(text: str) -> str | int | float:
    """The value of a literal, told by its first character."""
    if text[0] in '`"':
        return string(text)
    return char(text) if text[0] == "'" else number(text)


def number(text: str) -> int | float:
    """A number; one with a point or an exponent is a float, as in Go."""
    integer = _INTEGER.fullmatch(text)
    if integer:
        base = next(name for name in _BASES if integer[name] is not None)
        value = int(integer["sign"] + integer[base], _BASES[base])
        if not -(2**63) <= value < 2**63:
            raise LiteralError(f"integer overflow: {text!r}".replace("'", '"'))
        return value
    if not _FLOAT.fullmatch(text) or not re.search(r"[.eE]", text):
        raise LiteralError(f'bad number syntax: "{text}"')
    found = float(text)
    if found in (float("inf"), float("-inf")):
        raise LiteralError(f'bad number syntax: "{text}"')
    return found


def string(text: str) -> str:
    """A string in double quotes or back quotes."""
    if text.startswith("`"):
        return text[1:-1].replace("\r", "")
    return _unescape(text, "'")


def char(text: str) -> int:
    """The code point of a character in single quotes."""
    value = _unescape(text, '"')
    if len(value) != 1:
        raise LiteralError(f"malformed character constant: {text}")
    return ord(value)


def _unescape(text: str, foreign_quote: str) -> str:
    """``text`` without its quotes; bytes given as escapes must make up UTF-8."""
    body, out, at = text[1:-1], bytearray(), 0
    while at < len(body):
        if body[at] != "\\":
            out += body[at].encode("utf-8", "replace")
            at += 1
            continue
        found = _ESCAPE.match(body, at)
        if found is None or found["plain"] == foreign_quote:
            raise LiteralError("invalid syntax")
        out += _escaped(found)
        at = found.end()
    try:
        return out.decode()
    except UnicodeDecodeError:
        raise LiteralError(f"{text} is not valid UTF-8") from None


def _escaped(found: re.Match[str]) -> bytes:
    if found["plain"]:
        return _PLAIN[found["plain"]].encode()
    if found["hex"] or found["octal"]:
        value = int(found["hex"], 16) if found["hex"] else int(found["octal"], 8)
        if value > 255:
            raise LiteralError("invalid syntax")
        return bytes([value])
    point = int(found["short"] or found["long"], 16)
    if point > 0x10FFFF or 0xD800 <= point < 0xE000:
        raise LiteralError("invalid syntax")
    return chr(point).encode()
