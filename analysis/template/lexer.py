"""Text to tokens, one at a time: an error further on must not hide an earlier one."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from analysis.template.errors import parse_error
from analysis.template.tokens import Kind, Token

_BLOCKS = ("if", "with", "range", "else", "end")
_LATER = ("block", "break", "continue", "define", "template")
KEYWORDS = frozenset((*_BLOCKS, *_LATER, "nil", "true", "false"))
_SPACE = " \t\r\n"
_TRIMMED_OPEN = re.compile(r"\{\{-[ \t\r\n]")
_CLOSE = re.compile(r"\}\}|[ \t\r\n]+-\}\}")
_COMMENT = re.compile(r"/\*")
_TRIMMED_COMMENT = re.compile(r"[ \t\r\n]*/\*")
_COMMENT_CLOSE = re.compile(r"\}\}|[ \t\r\n]-\}\}")
_TOKENS = re.compile(
    r"""
      (?P<SPACE>[ \t\r\n]+)
    | (?P<DECLARE>:=) | (?P<ASSIGN>=) | (?P<PIPE>\|) | (?P<LEFT>\() | (?P<RIGHT>\)) | (?P<COMMA>,)
    | (?P<STRING>"(?:[^"\\\n]|\\[^\n])*" | `[^`]*`)
    | (?P<CHAR>'(?:[^'\\\n]|\\[^\n])*')
    | (?P<NUMBER>[+-]?\.?[0-9](?:[eEpP][+-]|[\w.])*)
    | (?P<FIELD>\.\w+) | (?P<DOT>\.) | (?P<VARIABLE>\$\w*) | (?P<WORD>\w+)
    """,
    re.VERBOSE,
)
_WORDS = frozenset({Kind.FIELD, Kind.VARIABLE, Kind.WORD})
_AFTER_WORD = frozenset(" \t\r\n.,|:=()")
_QUOTES = {
    '"': "unterminated quoted string",
    "`": "unterminated raw quoted string",
    "'": "unterminated character constant",
}


def lex(text: str) -> Iterator[Token]:
    """The tokens of ``text``, the last one of kind END; raises TemplateError where it reads on."""
    at, line, trim = 0, 1, False
    while True:
        start = text.find("{{", at)
        end = len(text) if start < 0 else start
        plain = text[at:end]
        shown = plain.lstrip(_SPACE) if trim else plain
        if start >= 0 and _TRIMMED_OPEN.match(text, start):
            shown = shown.rstrip(_SPACE)
        if shown:
            yield Token(Kind.TEXT, shown, at, line)
        line += plain.count("\n")
        if start < 0:
            yield Token(Kind.END, "", len(text), line)
            return
        trimmed = _TRIMMED_OPEN.match(text, start)
        inside = start + (3 if trimmed else 2)
        comment = (_TRIMMED_COMMENT if trimmed else _COMMENT).match(text, inside)
        if comment:
            at = _comment_end(text, comment.end(), line)
        else:
            yield Token(Kind.OPEN, "{{", start, line)
            at = yield from _action(text, inside, line)
        line += text.count("\n", start, at)
        trim = text.endswith("-}}", start, at)


def _comment_end(text: str, at: int, line: int) -> int:
    end = text.find("*/", at)
    if end < 0:
        raise parse_error(line, "unclosed comment")
    close = _COMMENT_CLOSE.match(text, end + 2)
    if close is None:
        raise parse_error(line, "comment ends before closing delimiter")
    return close.end()


def _action(text: str, at: int, line: int) -> Generator[Token, None, int]:
    """Tokens up to and including the closing delimiter; returns the offset behind it."""
    spaced, first = False, line
    while True:
        close = _CLOSE.match(text, at)
        if close:
            yield Token(Kind.CLOSE, "}}", at, line, spaced)
            return close.end()
        found = _TOKENS.match(text, at)
        if found is None or found.lastgroup is None:
            raise parse_error(line, _complaint(text, at, first, line))
        if found.lastgroup == "SPACE":
            spaced = True
        else:
            kind = Kind[found.lastgroup]
            word = found.group()
            _check_end(text, found.end(), kind, line)
            if kind is Kind.WORD and word in KEYWORDS:
                kind = Kind.KEYWORD
            yield Token(kind, word, at, line, spaced)
            spaced = False
        line += found.group().count("\n")
        at = found.end()


def _check_end(text: str, end: int, kind: Kind, line: int) -> None:
    """A name ends at white space or punctuation, not at, say, a quote."""
    if kind not in _WORDS or end >= len(text) or text[end] in _AFTER_WORD:
        return
    if not text.startswith("}}", end):
        raise parse_error(line, f"bad character {_code_point(text[end])}")


def _complaint(text: str, at: int, first: int, line: int) -> str:
    if at >= len(text):
        return "unclosed action" + (f" started at tmpl:{first}" if line > first else "")
    if text[at] in _QUOTES:
        return _QUOTES[text[at]]
    if text[at] == ":":
        return "expected :="
    return f"unrecognized character in action: {_code_point(text[at])}"


def _code_point(char: str) -> str:
    shown = f" '{char}'" if char.isprintable() else ""
    return f"U+{ord(char):04X}{shown}"
