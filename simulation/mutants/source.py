"""Mutants of the code: conditions that are dropped or inverted, waits and preconditions that are
not kept. Each is one change of one function's syntax tree, compiled into the running function."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
from collections.abc import Iterator
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

from simulation.mutants.mutant import Mutant

ENGINE = (
    "canary.rollout.decide",
    "canary.rollout.view",
    "canary.rollout.settled",
    "canary.rollout.speak",
    "canary.rollout.plan",
    "canary.rollout.adopt",
    "canary.rollout.rules.analysis",
    "canary.rollout.rules.promotion",
    "canary.rollout.rules.readiness",
    "canary.rollout.rules.standing",
    "canary.rollout.rules.start",
    "canary.rollout.moves.base",
    "canary.rollout.moves.promotion",
    "canary.rollout.moves.rest",
    "canary.rollout.moves.run",
)
PROJECTION = (
    "canary.controller.projection",
    "canary.controller.projected_routes",
    "canary.controller.projected_services",
    "canary.controller.projected_workloads",
    "canary.controller.vet",
)
RUNTIME = (
    "canary.controller.reconcile",
    "canary.controller.observe",
    "canary.controller.memory",
    "canary.controller.asker",
    "canary.controller.committer",
    "canary.controller.executor",
    "canary.controller.projector",
    "canary.controller.drift",
    "canary.controller.heralds",
    "canary.kube.store",
    "canary.kube.queue",
    "canary.kube.reflector",
    "canary.kube.lease",
)
PRECONDITIONS = ("uid", "resource_version")


def of_modules(names: tuple[str, ...]) -> Iterator[Mutant]:
    """The mutants of each function of each module."""
    for name in names:
        module = importlib.import_module(name)
        tree = ast.parse(inspect.getsource(module))
        for qualified, function in _functions(tree):
            for text, change in _changes(function):
                short = f"{name.removeprefix('canary.')}/{qualified}: {text}"
                yield Mutant(short, partial(_apply, module, tree, qualified, change))


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield f"{node.name}.{inner.name}", inner


Change = tuple[int, str, int]
"""The number of a node in its function, what becomes of it, and which part of it is meant."""


def _changes(function: ast.AST) -> Iterator[tuple[str, Change]]:
    for number, node in enumerate(ast.walk(function)):
        if isinstance(node, (ast.If, ast.IfExp)):
            shown = ast.unparse(node.test)
            yield f"if {shown}: never", (number, "never", 0)
            yield f"if {shown}: always", (number, "always", 0)
        elif isinstance(node, ast.BoolOp):
            for part, value in enumerate(node.values):
                text = f"{ast.unparse(node)}: without {ast.unparse(value)}"
                yield text, (number, "without", part)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Lt, ast.GtE)):
            yield f"{ast.unparse(node)}: off by one", (number, "edge", 0)
        elif isinstance(node, ast.keyword) and node.arg in PRECONDITIONS:
            yield f"{ast.unparse(node.value)} as {node.arg}: dropped", (number, "blank", 0)


def _mutated(function: ast.AST, change: Change) -> None:
    """Change the tree of one function."""
    number, what, part = change
    node: Any = list(ast.walk(function))[number]
    if what in ("never", "always"):
        node.test = ast.copy_location(ast.Constant(what == "always"), node.test)
    elif what == "without":
        del node.values[part]
    elif what == "edge":
        node.ops[0] = ast.LtE() if isinstance(node.ops[0], ast.Lt) else ast.Gt()
    elif what == "blank":
        node.value = ast.copy_location(ast.Constant(""), node.value)


def _apply(module: ModuleType, tree: ast.Module, qualified: str, change: Change) -> None:
    tree = copy.deepcopy(tree)
    _mutated(dict(_functions(tree))[qualified], change)
    compiled = compile(ast.fix_missing_locations(tree), module.__file__ or "", "exec",
                       flags=_future(module), dont_inherit=True)  # fmt: skip
    function = _live(module, qualified)
    function.__code__ = next(code for code in _codes(compiled) if code.co_qualname == qualified)


def _future(module: ModuleType) -> int:
    import __future__

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
    for inner in ("fget", "__func__", "__wrapped__"):
        found = getattr(found, inner, None) or found
    assert isinstance(found, FunctionType)
    return found
