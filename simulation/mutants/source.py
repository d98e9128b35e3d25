"""Mutants of the code: one change of one function's syntax tree each, compiled into the running
function."""

from __future__ import annotations
import __future__

import ast
import copy
import hashlib
import importlib
import inspect
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

from simulation.mutants.changes import Change, changes, mutate
from simulation.mutants.mutant import Mutant


def of_modules(names: Sequence[str]) -> Iterator[Mutant]:
    """The mutants of each function of each module."""
    for name in names:
        module = importlib.import_module(name)
        for qualified, function in functions(tree_of(module)):
            yield from _of_function(module, qualified, function)


def _of_function(module: ModuleType, qualified: str, function: ast.AST) -> Iterator[Mutant]:
    home = f"{module.__name__.removeprefix('canary.')}/{qualified}"
    digest = hashlib.sha256(ast.unparse(function).encode()).hexdigest()[:12]
    seen: Counter[str] = Counter()
    for change in changes(function):
        seen[change.text] += 1
        again = f" ({seen[change.text]})" if seen[change.text] > 1 else ""
        first, last = change.lines
        marks = frozenset(mark(home, function, line) for line in range(first, last + 1))
        apply = partial(_apply, module, qualified, change)
        yield Mutant(f"{home}: {change.text}{again}", apply, marks, home, digest)


def mark(home: str, function: ast.AST, line: int) -> str:
    """The name of a line: it stays when the function moves within its module."""
    return f"{home}/{line - getattr(function, 'lineno', 0)}"


@cache
def tree_of(module: ModuleType) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(inspect.getsource(module))


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Functions and methods of a module, with their qualified names."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield f"{node.name}.{inner.name}", inner


def _apply(module: ModuleType, qualified: str, change: Change) -> None:
    function = copy.deepcopy(dict(functions(tree_of(module)))[qualified])
    mutate(function, change)
    owner = qualified.rpartition(".")[0]
    body: list[Any] = [function]
    if owner:
        body = [ast.ClassDef(owner, bases=[], keywords=[], body=body, decorator_list=[])]
    tree = ast.fix_missing_locations(ast.Module(body, type_ignores=[]))
    compiled = compile(tree, module.__file__ or "", "exec",
                       flags=_future(module), dont_inherit=True)  # fmt: skip
    live = _live(module, qualified)
    live.__code__ = next(code for code in _codes(compiled) if code.co_qualname == qualified)


def _future(module: ModuleType) -> int:
    found = __future__.annotations.compiler_flag if hasattr(module, "annotations") else 0
    return int(found)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _live(module: ModuleType, qualified: str) -> FunctionType:
    """The function that runs, below what decorates it."""
    found: Any = module
    for name in qualified.split("."):
        found = found.__dict__[name]
    for inner in ("fget", "__func__", "__wrapped__", "wrapped"):
        found = getattr(found, inner, None) or found
    assert isinstance(found, FunctionType), found
    return found
