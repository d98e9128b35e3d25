"""ConfigMaps and Secrets that a pod template refers to, and their ``-primary`` copies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from canary.workloads.labels import included
from canary.workloads.objects import Obj, thaw

SUFFIX = "-primary"
OPT_OUT = "flagger.app/config-tracking"
_SECRET_TYPES = (
    "Opaque",
    "kubernetes.io/basic-auth",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/tls",
)


@dataclass(frozen=True, slots=True, order=True)
class ConfigRef:
    """A reference; ``kind`` is ``configmap`` or ``secret``. Optional ones may be missing."""

    kind: str
    name: str
    optional: bool = False

    @property
    def identity(self) -> tuple[str, str]:
        """What it refers to, whether optional or not."""
        return (self.kind, self.name)

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


_Place = tuple[str, dict[str, Any], str]


def references(template: Obj) -> tuple[ConfigRef, ...]:
    """All references of a pod template; of several to one name the last decides (lifecycle 2.5)."""
    found: dict[tuple[str, str], ConfigRef] = {}
    for kind, holder, field in _places(thaw(template)):
        ref = ConfigRef(kind, str(holder[field]), bool(holder.get("optional", False)))
        found[ref.identity] = ref
    return tuple(found[identity] for identity in sorted(found))


def rewrite(template: Obj, tracked: Collection[ConfigRef]) -> dict[str, Any]:
    """``template`` with each reference to a tracked object pointing at its copy."""
    copied: dict[str, Any] = thaw(template)
    names = {ref.identity for ref in tracked}
    for kind, holder, field in _places(copied):
        if (kind, holder[field]) in names:
            holder[field] = f"{holder[field]}{SUFFIX}"
    return copied


def _places(template: dict[str, Any]) -> Iterator[_Place]:
    """Every reference as (kind, the map that holds it, the key of the name in that map).

    The API server admits some without a name; they refer to nothing.
    """
    return (place for place in _all_places(template) if place[1].get(place[2]))


def _all_places(template: dict[str, Any]) -> Iterator[_Place]:
    spec = template.get("spec") or {}
    for volume in spec.get("volumes") or ():
        yield from _volume(volume)
    for group in ("containers", "initContainers"):
        for container in spec.get(group) or ():
            yield from _container(container)


def _volume(volume: dict[str, Any]) -> Iterator[_Place]:
    if volume.get("configMap"):
        yield ("configmap", volume["configMap"], "name")
    if volume.get("secret"):
        yield ("secret", volume["secret"], "secretName")
    for source in (volume.get("projected") or {}).get("sources") or ():
        for kind, field in (("configmap", "configMap"), ("secret", "secret")):
            if source.get(field):
                yield (kind, source[field], "name")


def _container(container: dict[str, Any]) -> Iterator[_Place]:
    for env in container.get("env") or ():
        value = env.get("valueFrom") or {}
        for kind, field in (("configmap", "configMapKeyRef"), ("secret", "secretKeyRef")):
            if value.get(field):
                yield (kind, value[field], "name")
    for source in container.get("envFrom") or ():
        for kind, field in (("configmap", "configMapRef"), ("secret", "secretRef")):
            if source.get(field):
                yield (kind, source[field], "name")


def trackable(obj: Obj) -> bool:
    """Whether a ConfigMap or Secret is followed: by its type, and unless it opts out."""
    annotations = obj["metadata"].get("annotations") or {}
    if str(annotations.get(OPT_OUT, "")).startswith("disable"):
        return False
    if obj.get("kind") == "Secret":
        return obj.get("type", "Opaque") in _SECRET_TYPES
    return True


def copy_of(
    source: Obj, kind: str, owner: Obj, prefixes: Sequence[str], foreign: Sequence[Obj] = ()
) -> dict[str, Any]:
    """Manifest of the ``-primary`` copy: data, type and immutability, labels by prefix.

    ``foreign`` are owner references that others hold on the existing copy: they stay, without
    control.
    """
    meta = source["metadata"]
    manifest: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap" if kind == "configmap" else "Secret",
        "metadata": {
            "name": f"{meta['name']}{SUFFIX}",
            "namespace": meta["namespace"],
            "labels": included(meta.get("labels"), prefixes),
            "ownerReferences": [owner, *({**ref, "controller": False} for ref in foreign)],
        },
    }
    if not manifest["metadata"]["labels"]:
        del manifest["metadata"]["labels"]
    for field in ("data", "binaryData", "immutable", "type"):
        if source.get(field) is not None:
            manifest[field] = thaw(source[field])
    return manifest
