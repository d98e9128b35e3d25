"""Running the expressions of a template."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.template.display import quote, truth, type_name
from analysis.template.errors import Fault, TemplateError, run_error
from analysis.template.functions import LAZY, STOCK
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
    Text,
    Value,
    Variable,
)

MOST_STEPS = 100_000
"""Commands and texts in one rendering; a query never needs more."""

LONGEST = 100_000
"""Characters of the arguments of a call, of its value, and of the output."""

_Node = Operand | Command | Text


class _Absent:
    """No value is fed into the command."""


_NONE = _Absent()


class Evaluator:
    """Values of expressions, with the variables in scope and what is left of the budget."""

    def __init__(self, text: str, functions: Mapping[str, Value]) -> None:
        self._text = text
        self._functions = functions
        self._steps = 0
        self.variables: list[tuple[str, Value]] = [("$", None)]

    def pipe(self, dot: Value, pipe: Pipe) -> Value:
        """The value of ``pipe``, which its variables take too."""
        value: Value | _Absent = _NONE
        for command in pipe.commands:
            value = self._command(dot, command, value)
        assert not isinstance(value, _Absent), "the parser refuses an empty pipe"
        for name in pipe.variables:
            self.set(name, value, new=not pipe.assigns)
        return value

    def set(self, name: str, value: Value, new: bool) -> None:
        """Give a variable its value; ``new`` declares it in the innermost scope."""
        if not new:
            for index in range(len(self.variables) - 1, -1, -1):
                if self.variables[index][0] == name:
                    self.variables[index] = (name, value)
                    return
        self.variables.append((name, value))

    def spend(self, node: _Node) -> None:
        """Count a step; raises TemplateError beyond MOST_STEPS."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise self.error(node, f"more than {MOST_STEPS} steps")

    def error(self, node: _Node, message: str) -> TemplateError:
        """What went wrong at ``node``; columns count bytes, from 0, as Go's do."""
        before = self._text[: node.at]
        column = len(before[before.rfind("\n") + 1 :].encode("utf-8", "replace"))
        return run_error(f"{before.count(chr(10)) + 1}:{column}", str(node), message)

    def _command(self, dot: Value, command: Command, fed: Value | _Absent) -> Value:
        self.spend(command)
        first = command.args[0]
        if isinstance(first, Call):
            return self._call(dot, first, command, fed)
        if len(command.args) > 1 or not isinstance(fed, _Absent):
            raise self._not_a_function(dot, first)
        if isinstance(first, Nil):
            raise self.error(first, "nil is not a command")
        return self._operand(dot, first)

    def _not_a_function(self, dot: Value, node: Operand) -> TemplateError:
        if isinstance(node, Field | Chain | Variable) and node.keys:
            self._operand(dot, node)
            return self.error(node, f"{node.keys[-1]} is not a method but has arguments")
        return self.error(node, f"can't give argument to non-function {node}")

    def _operand(self, dot: Value, node: Operand) -> Value:
        match node:
            case Literal():
                return node.value
            case Nil():
                return None
            case Dot():
                return dot
            case Field():
                return self._keys(node, dot, node.keys)
            case Variable():
                value = next(v for name, v in reversed(self.variables) if name == node.name)
                return self._keys(node, value, node.keys)
            case Chain():
                if isinstance(node.operand, Nil):
                    raise self.error(node, f"indirection through explicit nil in {node}")
                return self._keys(node.operand, self._operand(dot, node.operand), node.keys)
            case Call():
                return self._call(dot, node, Command(node.at, (node,)), _NONE)
            case Pipe():
                return self.pipe(dot, node)

    def _keys(self, node: Operand, value: Value, keys: tuple[str, ...]) -> Value:
        for key in keys:
            if value is None:
                raise self.error(node, f"nil data; no entry for key {quote(key)}")
            if not isinstance(value, Mapping):
                raise self.error(node, f"can't evaluate field {key} in type {type_name(value)}")
            if key not in value:
                raise self.error(node, f"map has no entry for key {quote(key)}")
            value = value[key]
        return value

    def _call(self, dot: Value, node: Call, command: Command, fed: Value | _Absent) -> Value:
        extra: list[Value] = [] if isinstance(fed, _Absent) else [fed]
        count = len(command.args) - 1 + len(extra)
        if node.name in self._functions:
            if count:
                raise self.error(node, f"wrong number of args for {node.name}: want 0 got {count}")
            return self._functions[node.name]
        function = STOCK[node.name]
        wrong = function.miscounted(count)
        if wrong:
            raise self.error(node, f"wrong number of args for {node.name}: {wrong}")
        args: list[Value] = []
        for operand in command.args[1:]:
            args.append(self._operand(dot, operand))
            if node.name in LAZY and truth(args[-1]) == (node.name == "or"):
                return args[-1]
        args += extra
        self._check_length(command, node, args)
        try:
            value = function.run(*args)
        except Fault as fault:
            raise self.error(command, f"error calling {node.name}: {fault}") from fault
        self._check_length(command, node, [value])
        return value

    def _check_length(self, command: Command, node: Call, values: list[Value]) -> None:
        """Templates of one tenant must not eat the memory that all share."""
        if sum(len(value) for value in values if isinstance(value, str)) > LONGEST:
            raise self.error(command, f"error calling {node.name}: more than {LONGEST} characters")
