"""Parsing of what stands between the delimiters."""

from __future__ import annotations

from analysis.template import literals
from analysis.template.display import quote
from analysis.template.nodes import (
    Call,
    Chain,
    Command,
    Dot,
    Field,
    Literal,
    Nil,
    Operand,
    Pipe,
    Variable,
)
from analysis.template.stream import Stream
from analysis.template.tokens import Kind, Token

_CONSTANTS = (Literal, Dot, Nil)


def parse_pipe(stream: Stream, context: str, end: Kind = Kind.CLOSE) -> Pipe:
    """A pipe up to and including the token ``end``."""
    at = stream.peek().at
    variables, assigns, first = _declaration(stream, context)
    commands: list[Command] = [] if first is None else [_command(stream, first, end)]
    while not stream.at(end):
        commands.append(_command(stream, _operand(stream, context), end))
    stream.take()
    if not commands:
        raise stream.error(f"missing value for {context}")
    for stage, command in enumerate(commands[1:], start=2):
        if isinstance(command.args[0], _CONSTANTS):
            raise stream.error(f"non executable command in pipeline stage {stage}")
    if not assigns:
        stream.variables.extend(variables)
    return Pipe(at, variables, assigns, tuple(commands))


def _declaration(stream: Stream, context: str) -> tuple[tuple[str, ...], bool, Operand | None]:
    """Variables that take the value, whether they exist already; or an operand read instead."""
    if not stream.at(Kind.VARIABLE):
        return (), False, None
    token = stream.take()
    names = [token.text]
    if stream.at(Kind.COMMA):
        if context != "range":
            raise stream.error(f"too many declarations in {context}")
        stream.take()
        if not stream.at(Kind.VARIABLE):
            raise stream.error("range can only initialize variables")
        names.append(stream.take().text)
        if stream.at(Kind.COMMA):
            raise stream.error("too many declarations in range")
    if stream.at(Kind.DECLARE) or stream.at(Kind.ASSIGN):
        assigns = stream.take().kind is Kind.ASSIGN
        for name in names:
            if assigns:
                _known(stream, name)
        return tuple(names), assigns, None
    if len(names) > 1:
        raise stream.unexpected(stream.peek(), context)
    return (), False, _fields(stream, token, _variable(stream, token))


def _command(stream: Stream, first: Operand, end: Kind) -> Command:
    """Operands up to a ``|`` or the end."""
    args = [first]
    while True:
        token = stream.peek()
        if token.kind is Kind.PIPE:
            stream.take()
            break
        if token.kind is end:
            break
        if token.kind is Kind.CLOSE:
            raise stream.error("unclosed left paren")
        if not token.spaced or token.kind is Kind.RIGHT:
            raise stream.unexpected(token, "operand")
        args.append(_operand(stream, "operand"))
    return Command(args[0].at, tuple(args))


def _operand(stream: Stream, context: str) -> Operand:
    token = stream.take()
    return _fields(stream, token, _term(stream, token, context))


def _fields(stream: Stream, token: Token, term: Operand) -> Operand:
    """``term`` with the keys that follow it directly."""
    keys: list[str] = []
    at = stream.peek().at
    while stream.at(Kind.FIELD) and not stream.peek().spaced:
        keys.append(stream.take().text[1:])
    if not keys:
        return term
    if isinstance(term, _CONSTANTS):
        raise stream.error(f"unexpected . after term {quote(token.text)}")
    if isinstance(term, Field):
        return Field(at, (*term.keys, *keys))
    if isinstance(term, Variable):
        return Variable(at, term.name, (*term.keys, *keys))
    return Chain(term.at, term, tuple(keys))


def _term(stream: Stream, token: Token, context: str) -> Operand:
    at, text = token.at, token.text
    match token.kind:
        case Kind.WORD:
            if text not in stream.functions:
                raise stream.error(f'function "{text}" not defined')
            return Call(at, text)
        case Kind.KEYWORD if text == "nil":
            return Nil(at)
        case Kind.KEYWORD if text in ("true", "false"):
            return Literal(at, text, text == "true")
        case Kind.DOT:
            return Dot(at)
        case Kind.FIELD:
            return Field(at, (text[1:],))
        case Kind.VARIABLE:
            return _variable(stream, token)
        case Kind.STRING | Kind.CHAR | Kind.NUMBER:
            return _literal(stream, token)
        case Kind.LEFT:
            with stream.nested():
                return parse_pipe(stream, "parenthesized pipeline", Kind.RIGHT)
        case Kind.CLOSE:
            raise stream.error("unclosed left paren")
        case _:
            raise stream.unexpected(token, context)


def _literal(stream: Stream, token: Token) -> Literal:
    try:
        return Literal(token.at, token.text, literals.read(token.text))
    except literals.LiteralError as error:
        raise stream.error(str(error)) from error


def _variable(stream: Stream, token: Token) -> Variable:
    _known(stream, token.text)
    return Variable(token.at, token.text)


def _known(stream: Stream, name: str) -> None:
    if name not in stream.variables:
        raise stream.error(f'undefined variable "{name}"')
