"""The parser's reading head: the tokens ahead, the variables in scope, the depth of nesting."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from analysis.template.errors import TemplateError, parse_error
from analysis.template.lexer import lex
from analysis.template.tokens import Kind, Token

DEEPEST = 40
"""Levels of blocks and parentheses; keeps a hostile template off Python's recursion limit."""


class Stream:
    """Tokens with one of lookahead."""

    def __init__(self, text: str, functions: Collection[str]) -> None:
        self._tokens = lex(text)
        self._ahead: Token | None = None
        self._line = 1
        self._depth = 0
        self.functions = functions
        self.variables = ["$"]

    def peek(self) -> Token:
        """The next token, left in place."""
        if self._ahead is None:
            self._ahead = next(self._tokens)
            self._line = self._ahead.line
        return self._ahead

    def take(self) -> Token:
        """The next token."""
        token = self.peek()
        self._ahead = None
        return token

    def at(self, kind: Kind, *texts: str) -> bool:
        """Whether the next token is of ``kind`` and, if given, one of ``texts``."""
        token = self.peek()
        return token.kind is kind and (not texts or token.text in texts)

    def error(self, message: str) -> TemplateError:
        """A parse error at the line read last."""
        return parse_error(self._line, message)

    def unexpected(self, token: Token, where: str) -> TemplateError:
        """A parse error: ``token`` has no place in ``where``."""
        if token.kind is Kind.RIGHT:
            return self.error("unexpected right paren")
        return self.error(f"unexpected {token} in {where}")

    @contextmanager
    def nested(self) -> Iterator[None]:
        """A level deeper; variables declared within end with it."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.error(f"nested deeper than {DEEPEST} levels")
        known = len(self.variables)
        yield
        del self.variables[known:]
        self._depth -= 1
