"""Flagger 1.44's own manifests: its schemas, and all resources in its examples, tests and pages."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

GROUP = "flagger.app"
REFERENCE = "reference.flagger.app"
"""The group under which Flagger's schemas are served beside ours: a name has one owner only."""
_BEGIN = f"apiVersion: {GROUP}/v1beta1"
_END = ("---", "```", "EOF", "EOL")


@dataclass(frozen=True)
class Sample:
    """A resource, and the file and line where Flagger shows it."""

    where: str
    manifest: dict[str, Any]


def definitions(sources: Path) -> list[dict[str, Any]]:
    """Flagger's CRDs, served as another group."""
    found = []
    text = (sources / "artifacts" / "flagger" / "crd.yaml").read_text()
    for crd in yaml.safe_load_all(text.replace(GROUP, REFERENCE)):
        if crd is not None:
            crd["metadata"].setdefault("annotations", {})
            found.append(crd)
    return found


def samples(sources: Path) -> list[Sample]:
    """All Canaries, MetricTemplates and AlertProviders, each text once."""
    seen: dict[str, Sample] = {}
    for file in sorted(
        path for path in sources.rglob("*") if path.suffix in (".yaml", ".md", ".sh")
    ):
        name = str(file.relative_to(sources))
        for line, block in _blocks(file.read_text().splitlines()):
            try:
                manifest = yaml.safe_load(block)
            except yaml.YAMLError as error:
                raise ValueError(f"{name}:{line}: {error}") from error
            # Fragments that only show a field aren't applied by anybody.
            if "name" in manifest.get("metadata", {}) and "spec" in manifest:
                seen.setdefault(repr(manifest), Sample(f"{name}:{line}", manifest))
    return list(seen.values())


def _blocks(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Line number and text of each document that begins with the group."""
    for number, line in enumerate(lines):
        if line.lstrip().startswith(_BEGIN):
            indent = len(line) - len(line.lstrip())
            rest = lines[number:]
            end = next((i for i, text in enumerate(rest) if text.strip() in _END), len(rest))
            yield number + 1, "\n".join(text[indent:] for text in rest[:end])


def as_reference(manifest: dict[str, Any]) -> dict[str, Any]:
    """The same resource in the group that Flagger's schemas are served as."""
    moved = copy.deepcopy(manifest)
    moved["apiVersion"] = moved["apiVersion"].replace(GROUP, REFERENCE)
    return moved


_ODD: tuple[Any, ...] = ("text", "", 7, -1, 1.5, True, None, [], {}, ["text"], {"a": "b"})


def variations(found: list[Sample]) -> Iterator[Sample]:
    """Each field of the samples once missing and once with each of some odd values; fields of
    different samples with the same path and type are taken for the same one."""
    seen = set()
    for sample in found:
        for path in _paths(sample.manifest["spec"]):
            kept = _at(sample.manifest["spec"], path)
            shape = tuple("*" if isinstance(part, int) else part for part in path)
            place = (sample.manifest["kind"], shape, type(kept).__name__)
            if place in seen:
                continue
            seen.add(place)
            name = ".".join(map(str, path))
            for odd in (_GONE, *_ODD):
                manifest = copy.deepcopy(sample.manifest)
                holder = _at(manifest["spec"], path[:-1])
                if odd is _GONE:
                    del holder[path[-1]]
                else:
                    holder[path[-1]] = odd
                what = "missing" if odd is _GONE else repr(odd)
                yield Sample(f"{sample.where} with spec.{name} {what}", manifest)


_GONE = object()
Path_ = tuple[str | int, ...]


def _paths(value: Any, before: Path_ = ()) -> Iterator[Path_]:
    if isinstance(value, dict):
        children: Any = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    else:
        return
    for key, child in children:
        yield (*before, key)
        yield from _paths(child, (*before, key))


def _at(value: Any, path: Path_) -> Any:
    for part in path:
        value = value[part]
    return value
