"""Parsing of texts, actions and blocks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from analysis.template.expressions import parse_pipe
from analysis.template.nodes import Action, Branch, Node, Text
from analysis.template.stream import Stream
from analysis.template.tokens import Kind, Token

_LATER = ("block", "break", "continue", "define", "template")


def parse(text: str, functions: Collection[str]) -> tuple[Node, ...]:
    """The nodes of ``text``; ``functions`` are the names that may be called.

    Raises TemplateError.
    """
    stream = Stream(text, functions)
    nodes, stop = _list(stream)
    if stop.kind is not Kind.END:
        raise stream.error(f"unexpected {{{{{stop.text}}}}}")
    return nodes


def _list(stream: Stream) -> tuple[tuple[Node, ...], Token]:
    """Nodes up to ``else``, ``end`` or the end of the text, and that token."""
    nodes: list[Node] = []
    while True:
        token = stream.take()
        if token.kind is Kind.END:
            return tuple(nodes), token
        if token.kind is Kind.TEXT:
            nodes.append(Text(token.at, token.text))
            continue
        if stream.at(Kind.KEYWORD, "else", "end"):
            return tuple(nodes), stream.take()
        nodes.append(_action(stream))


def _action(stream: Stream) -> Node:
    token = stream.peek()
    if token.kind is Kind.KEYWORD:
        match token.text:
            case "if" | "with" | "range" as word:
                stream.take()
                return _branch(stream, token, word)
            case word if word in _LATER:
                raise stream.error(f"{{{{{word}}}}} is not supported")
    return Action(token.at, parse_pipe(stream, "command"))


def _branch(stream: Stream, token: Token, word: Literal["if", "with", "range"]) -> Branch:
    with stream.nested():
        pipe = parse_pipe(stream, word)
        body, stop = _list(stream)
        otherwise: tuple[Node, ...] = ()
        if stop.kind is Kind.KEYWORD and stop.text == "else":
            again = stream.peek()
            if word != "range" and stream.at(Kind.KEYWORD, word):
                # ``else if`` nests: its ``end`` closes both.
                stream.take()
                return Branch(token.at, word, pipe, body, (_branch(stream, again, word),))
            _close(stream, "input")
            otherwise, stop = _list(stream)
        if stop.kind is Kind.END:
            raise stream.error("unexpected EOF")
        if stop.text == "else":
            raise stream.error("expected end; found {{else}}")
        _close(stream, "end")
    return Branch(token.at, word, pipe, body, otherwise)


def _close(stream: Stream, context: str) -> None:
    token = stream.take()
    if token.kind is not Kind.CLOSE:
        raise stream.unexpected(token, context)
