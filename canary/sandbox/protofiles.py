"""Reads Kubernetes' ``generated.proto`` files: which number is which field of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILES = (
    "api/core/v1",
    "api/apps/v1",
    "api/authorization/v1",
    "api/coordination/v1",
    "api/discovery/v1",
    "apimachinery/pkg/api/resource",
    "apimachinery/pkg/apis/meta/v1",
    "apimachinery/pkg/runtime",
    "apimachinery/pkg/util/intstr",
)
_SCALARS = frozenset(("string", "bytes", "bool", "int32", "int64", "double"))
_FIELD = re.compile(
    r"(?P<label>optional|repeated)\s+(?P<type>[.\w]+)\s+(?P<name>\w+)\s*=\s*(?P<number>\d+)"
    r"|map<string,\s*(?P<value>[.\w]+)>\s+(?P<map>\w+)\s*=\s*(?P<at>\d+)"
)


def messages(folder: Path, version: str) -> dict[str, dict[str, list[str]]]:
    """Name, type and label (one, many, map) of each field, by message and number.

    ``folder`` holds the modules of k8s.io; messages and their types are named as in OpenAPI.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for file in FILES:
        module, _, path = file.partition("/")
        text = (folder / f"{module}@{version}" / path / "generated.proto").read_text("utf-8")
        package = re.search(r"^package (.*);$", text, re.MULTILINE)
        assert package is not None, file
        for name, body in _bodies(text):
            fields = dict(_fields(body, package[1]))
            found[_openapi(f"{package[1]}.{name}")] = fields
    return found


def reachable(found: dict[str, Any], roots: list[str]) -> dict[str, Any]:
    """The messages that ``roots`` are made of."""
    kept: dict[str, Any] = {}
    wanted = list(roots)
    while wanted:
        name = wanted.pop()
        if name in found and name not in kept:
            kept[name] = found[name]
            wanted += [row[1] for row in found[name].values()]
    return kept


def _bodies(text: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r"^message (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2]


def _fields(body: str, package: str) -> Iterator[tuple[str, list[str]]]:
    for line in body.splitlines():
        match = _FIELD.match(line.strip())
        if not match:
            continue
        if match["map"]:
            yield match["at"], [match["map"], _type(match["value"], package), "map"]
        else:
            label = "many" if match["label"] == "repeated" else "one"
            yield match["number"], [match["name"], _type(match["type"], package), label]


def _type(name: str, package: str) -> str:
    if name in _SCALARS:
        return name
    return _openapi(name.removeprefix(".") if name.startswith(".") else f"{package}.{name}")


def _openapi(name: str) -> str:
    return name.replace("k8s.io.", "io.k8s.", 1)
