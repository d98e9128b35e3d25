"""Running a template from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analysis.template.display import display, truth
from analysis.template.evaluator import LONGEST, Evaluator
from analysis.template.functions import STOCK
from analysis.template.nodes import Action, Branch, Node, Pipe, Text, Value
from analysis.template.parser import parse


def render(text: str, functions: Mapping[str, Value]) -> str:
    """``text`` as Go's text/template renders it without a data object.

    ``functions`` take no argument: name to value. Raises TemplateError, and nothing else, for
    every text that doesn't parse or run, or that needs more than a query ever does.
    """
    nodes = parse(text, functions.keys() | STOCK.keys())
    run = _Run(Evaluator(text, functions))
    run.walk(None, nodes)
    return "".join(run.out)


class _Run:
    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._length = 0
        self.out: list[str] = []

    def walk(self, dot: Value, nodes: Iterable[Node]) -> None:
        for node in nodes:
            match node:
                case Text():
                    self._write(node.text, node)
                case Action():
                    value = self._evaluator.pipe(dot, node.pipe)
                    if not node.pipe.variables:
                        shown = "<no value>" if value is None else display(value)
                        self._write(shown, node.pipe)
                case Branch():
                    self._branch(dot, node)

    def _write(self, text: str, node: Text | Pipe) -> None:
        self._length += len(text)
        if self._length > LONGEST:
            raise self._evaluator.error(node, f"the output is longer than {LONGEST} characters")
        self.out.append(text)

    def _branch(self, dot: Value, node: Branch) -> None:
        known = len(self._evaluator.variables)
        value = self._evaluator.pipe(dot, node.pipe)
        if node.word == "range":
            self._range(dot, node, value)
        elif truth(value):
            self.walk(value if node.word == "with" else dot, node.body)
        else:
            self.walk(dot, node.otherwise)
        del self._evaluator.variables[known:]

    def _range(self, dot: Value, node: Branch, value: Value) -> None:
        items = self._items(node, value)
        empty = True
        scope = len(self._evaluator.variables)
        for key, element in items:
            empty = False
            self._evaluator.spend(node.pipe)
            names = node.pipe.variables
            if len(names) == 1:
                self._evaluator.set(names[0], element, new=False)
            elif names:
                self._evaluator.set(names[0], key, new=False)
                self._evaluator.set(names[1], element, new=False)
            self.walk(element, node.body)
            del self._evaluator.variables[scope:]
        if empty:
            self.walk(dot, node.otherwise)

    def _items(self, node: Branch, value: Value) -> Iterable[tuple[Value, Value]]:
        source = node.pipe.commands[-1].args[0]
        shown = display(value)
        match value:
            case None:
                return ()
            case Mapping():
                return tuple((key, value[key]) for key in sorted(value))
            case int() if not isinstance(value, bool):
                if len(node.pipe.variables) > 1:
                    complaint = f"can't use {shown} to iterate over more than one variable"
                    raise self._evaluator.error(source, complaint)
                return ((number, number) for number in range(value))
            case _:
                raise self._evaluator.error(source, f"range can't iterate over {shown}")
