"""Manifests from files: read with their lines, so that an error names file, line and field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from canary.kube.resources import CRDS, Resource
from canary.kube.transport import APPLY_PATCH, Request, Transport
from canary.sandbox.kinds import BUILT_IN, custom_kinds
from canary.sandbox.live.complaints import complaints
from canary.sandbox.storage import Storage

_SUFFIXES = (".yaml", ".yml", ".json")
_STEP = re.compile(r"[^.\[\]]+")
_EXISTS = 409
_FIRST = ("CustomResourceDefinition", "Namespace")


class BadManifest(Exception):
    """Manifests that can't be applied; one line for each error: ``file:line: field: what``."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One document: the object, and where it stands."""

    obj: dict[str, Any]
    source: str
    node: yaml.Node

    def at(self, field: str = "") -> str:
        """``file:line`` of a field such as ``spec.rules[0].matches``, or of what is nearest."""
        return f"{self.source}:{_line(self.node, _STEP.findall(field))}"


def _line(node: yaml.Node, steps: Sequence[str]) -> int:
    line = node.start_mark.line
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
            node = node.value[int(step)]
            line = node.start_mark.line
        else:
            break
    return line + 1


def read(paths: Sequence[str]) -> list[Manifest]:
    """The documents of files and folders, definitions and namespaces first.

    Raises BadManifest with every error that was found.
    """
    found: list[Manifest] = []
    errors: list[str] = []
    for path in paths:
        try:
            for file in _files(Path(path)):
                found += parsed(file.read_text(encoding="utf-8"), str(file))
        except BadManifest as error:
            errors.append(str(error))
        except (OSError, UnicodeDecodeError) as error:
            errors.append(f"{path}: can't be read: {error}")
    if errors:
        raise BadManifest("\n".join(errors))
    return sorted(found, key=lambda one: _rank(one.obj["kind"]))


def _rank(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise BadManifest(f"{path}: no such file or folder")
    if not path.is_dir():
        yield path
        return
    files = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES)
    if not files:
        raise BadManifest(f"{path}: no file in it ends in {', '.join(_SUFFIXES)}")
    yield from files


def parsed(text: str, source: str) -> list[Manifest]:
    """The documents of one file; raises BadManifest."""
    found: list[Manifest] = []
    errors: list[str] = []
    loader = yaml.SafeLoader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            obj = loader.construct_document(node) if node else None
            if node is None or obj is None:
                continue
            manifest = Manifest(obj, source, node)
            errors += [f"{manifest.at(field)}: {field}: {what}" for field, what in _shape(obj)]
            found.append(manifest)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        errors.append(f"{source}:{line}: {error.problem}")
    except yaml.YAMLError as error:
        errors.append(f"{source}:1: {' '.join(str(error).split())}")
    finally:
        loader.dispose()
    if errors:
        raise BadManifest("\n".join(errors))
    return found


def _shape(obj: Any) -> Iterator[tuple[str, str]]:
    """What every object has to have."""
    if not isinstance(obj, dict):
        yield "the document", "must be an object"
        return
    for field in ("apiVersion", "kind"):
        if not isinstance(obj.get(field), str) or not obj[field]:
            yield field, "is required, as text"
    meta = obj.get("metadata")
    if not isinstance(meta, dict) or not isinstance(meta.get("name"), str):
        yield "metadata.name", "is required, as text"


class Applier:
    """Server-side apply through ``transport`` under a field manager's name."""

    def __init__(self, transport: Transport, storage: Storage, manager: str) -> None:
        self._transport, self._storage, self._manager = transport, storage, manager

    async def apply(self, manifests: Sequence[Manifest]) -> None:
        """Apply all; raises BadManifest with the errors of all that were refused."""
        errors: list[str] = []
        for manifest in manifests:
            errors += await self._one(manifest)
        if errors:
            raise BadManifest("\n".join(errors))

    async def _one(self, manifest: Manifest) -> list[str]:
        obj = manifest.obj
        served = self._served().get((obj["apiVersion"], obj["kind"]))
        if served is None:
            what = f"{obj['apiVersion']} {obj['kind']} is not served by the sandbox"
            return [f"{manifest.at('kind')}: kind: {what}"]
        resource, namespaced = served
        namespace = obj["metadata"].get("namespace") or "default" if namespaced else None
        path = resource.path(namespace, obj["metadata"]["name"])
        body = orjson.dumps(obj, default=str)
        # Only a creation is looked through for all errors at once; it is no more than tried.
        tried = {"fieldManager": self._manager, "dryRun": "All", "fieldValidation": "Strict"}
        wanted = {"fieldManager": self._manager, "force": "true"}
        for request in (
            Request("POST", resource.path(namespace), tried, body),
            Request("PATCH", path, wanted, body, APPLY_PATCH),
        ):
            answer = await self._transport.request(request)
            if answer.status >= 400 and answer.status != _EXISTS:
                found = complaints(orjson.loads(answer.body))
                return [f"{manifest.at(at)}: {at}{': ' if at else ''}{what}" for at, what in found]
        return []

    def _served(self) -> dict[tuple[str, str], tuple[Resource, bool]]:
        kinds = list(BUILT_IN)
        for _, crd in self._storage.all(CRDS):
            kinds += custom_kinds(crd)
        return {
            (kind.resource.api_version, kind.resource.kind): (kind.resource, kind.namespaced)
            for kind in kinds
        }
