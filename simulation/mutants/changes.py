"""What is changed in the syntax tree of one function: one thing at a time.

Conditions are made never or always true, or lose a part; comparisons move by one; waits are dropped
or turned round; preconditions are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PRECONDITIONS = ("uid", "resource_version", "resourceVersion")
UNTIL = ("until", "waits", "timeout")
"""Keywords that say how long to wait."""
SLEEPS = ("sleep", "wait")
TIMES = ("interval", "settle", "drain", "deadline", "window", "delay", "retry", "rest", "TELLING",
         "duration", "since", "floor")  # fmt: skip
"""What names of times hold: sums of them are waits."""


@dataclass(frozen=True, slots=True)
class Change:
    """``what`` becomes of the ``number``-th node of a function, and which ``part`` of it is meant.

    ``lines`` of the module are executed by whoever can tell the difference.
    """

    text: str
    number: int
    what: str
    part: int
    lines: tuple[int, int]


def changes(function: ast.AST) -> Iterator[Change]:
    """Everything that can be changed in ``function``."""
    for number, node in enumerate(ast.walk(function)):
        for text, what, part, at in _of_node(node):
            lines = (at.lineno, at.end_lineno or at.lineno)
            yield Change(text, number, what, part, lines)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_bool(node.returns):
            yield from _of_answers(function, node)


Found = tuple[str, str, int, Any]


def _of_node(node: ast.AST) -> Iterator[Found]:
    shown = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, (ast.If, ast.IfExp)):
        test = ast.unparse(node.test)
        yield f"if {test}: never", "never", 0, node.test
        yield f"if {test}: always", "always", 0, node.test
    elif isinstance(node, ast.While) and not isinstance(node.test, ast.Constant):
        yield f"while {ast.unparse(node.test)}: never", "never", 0, node.test
    elif isinstance(node, ast.comprehension):
        for part, condition in enumerate(node.ifs):
            yield f"for ... if {ast.unparse(condition)}: always", "unfiltered", part, condition
    elif isinstance(node, ast.BoolOp):
        for part, value in enumerate(node.values):
            # What comes after "or" for want of anything else is a default and no condition.
            if not (isinstance(node.op, ast.Or) and _empty(value)):
                yield f"{shown}: without {ast.unparse(value)}", "without", part, node
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _EDGES:
        yield f"{shown}: off by one", "edge", 0, node
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        if any(name in shown for name in TIMES) and not _texts(node):
            yield f"{shown}: the other way round", "sign", 0, node
    elif isinstance(node, (ast.Call, ast.Dict, ast.Tuple)):
        yield from _of_values(node, shown)
    elif isinstance(node, (ast.Expr, ast.Assign)) and isinstance(node.value, ast.Await):
        call = node.value.value
        if isinstance(node, ast.Expr) and isinstance(call, ast.Call) and _name(call) in SLEEPS:
            yield f"{ast.unparse(node)}: dropped", "awake", 0, node


_EDGES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}


def _of_values(node: ast.Call | ast.Dict | ast.Tuple, shown: str) -> Iterator[Found]:
    """Preconditions and waits that are handed over, and the lesser of two times."""
    if isinstance(node, ast.Call):
        if _name(node) in ("min", "max") and len(node.args) > 1:
            yield f"{shown}: the other way round", "extreme", 0, node
        if _name(node) == "timeout":
            yield f"{shown}: without end", "endless", 0, node
        for part, keyword in enumerate(node.keywords):
            value = ast.unparse(keyword.value)
            if keyword.arg in UNTIL:
                yield f"{value} as {keyword.arg}: dropped", "unasked", part, keyword.value
            elif keyword.arg in PRECONDITIONS:
                yield f"{value} as {keyword.arg}: dropped", "unnamed", part, keyword.value
    for part, item in enumerate(_items(node)):
        if _precondition(item):
            whose = f"{ast.unparse(node.func)}(...)" if isinstance(node, ast.Call) else shown
            yield f"{ast.unparse(item)} of {whose}: dropped", "blank", part, item


def _items(node: ast.Call | ast.Dict | ast.Tuple) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        return [] if _name(node) in ("str", "get") else node.args
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
        return []
    return node.values if isinstance(node, ast.Dict) else node.elts


def _precondition(item: ast.expr) -> bool:
    """Whether an expression is the uid or the version of an object."""
    if isinstance(item, ast.Call) and _name(item) == "str" and item.args:
        item = item.args[0]
    if isinstance(item, ast.Call) and _name(item) == "get" and item.args:
        item = item.args[0]
        return isinstance(item, ast.Constant) and item.value in PRECONDITIONS
    if isinstance(item, ast.Subscript) and isinstance(item.slice, ast.Constant):
        return item.slice.value in PRECONDITIONS
    if isinstance(item, ast.Attribute):
        return item.attr in PRECONDITIONS
    return isinstance(item, ast.Name) and item.id in PRECONDITIONS


def _name(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _texts(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )


def _empty(value: ast.expr) -> bool:
    if isinstance(value, (ast.Tuple, ast.List)):
        return not value.elts
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Dict) and not value.keys)


def _is_bool(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "bool"


def _of_answers(function: ast.AST, node: ast.AST) -> Iterator[Change]:
    """Each answer of a predicate, made never or always true."""
    numbers = {id(inner): number for number, inner in enumerate(ast.walk(function))}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Return) and not isinstance(
            inner.value, (ast.Constant, type(None))
        ):
            for what in ("no", "yes"):
                text = f"return {ast.unparse(inner.value)}: always {what}"
                lines = (inner.lineno, inner.end_lineno or inner.lineno)
                yield Change(text, numbers[id(inner)], what, 0, lines)


def mutate(function: ast.AST, change: Change) -> None:
    """Change the tree of one function."""
    node: Any = list(ast.walk(function))[change.number]
    what, part = change.what, change.part
    if what in ("never", "always"):
        node.test = _constant(what == "always", node.test)
    elif what in ("no", "yes"):
        node.value = _constant(what == "yes", node.value)
    elif what == "unfiltered":
        del node.ifs[part]
    elif what == "without":
        del node.values[part]
        if len(node.values) == 1:
            node.values *= 2
    elif what == "edge":
        node.ops[0] = _EDGES[type(node.ops[0])]()
    elif what == "sign":
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    elif what == "extreme":
        node.func.id = "max" if node.func.id == "min" else "min"
    elif what == "endless":
        node.args[0] = _constant(None, node.args[0])
    elif what == "awake":
        node.value.value = ast.parse("__import__('asyncio').sleep(0)", mode="eval").body
    elif what in ("unasked", "unnamed"):
        keyword = node.keywords[part]
        keyword.value = _constant(None if what == "unasked" else "", keyword.value)
    elif what == "blank":
        items = _items(node)
        items[part] = _constant("", items[part])


def _constant(value: Any, place: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Constant(value), place)
