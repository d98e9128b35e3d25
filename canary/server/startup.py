"""What must hold before the engine touches anything. Each refusal is one line."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from canary.controller.settings import Settings
from canary.kube.access import allowed
from canary.kube.client import Client
from canary.kube.errors import ApiError, NotFound, Unreachable
from canary.kube.resources import ALERT_PROVIDERS, CANARIES, CRDS, METRIC_TEMPLATES, Obj, Resource
from canary.server.permissions import Permission, Scope

log = logging.getLogger("canary.server")

OLDEST = (1, 22)
"""First Kubernetes version with server-side apply and EndpointSlices in their final form."""

_AT_ONCE = 16
_VERSION = re.compile(r"v?(\d+)\.(\d+)")


class StartRefused(Exception):
    """The engine can't work here; the text is one line that says what to mend."""


async def check(client: Client, settings: Settings, needed: Sequence[Permission]) -> None:
    """Raises StartRefused unless the API server answers, allows ``needed`` and has our CRDs."""
    try:
        await _version(client)
        await _permissions(client, settings, needed)
        await _definitions(client)
    except Unreachable as error:
        raise StartRefused(f"can't reach the Kubernetes API: {_line(error)}") from error
    except ApiError as error:
        raise StartRefused(
            f"the Kubernetes API refuses ({error.status} {error.reason}): {_line(error)}"
        ) from error


async def _version(client: Client) -> None:
    answer = await client.raw("/version")
    found = str(answer.get("gitVersion", "")) if isinstance(answer, dict) else ""
    match = _VERSION.match(found)
    if match is None:
        raise StartRefused(f"this is no Kubernetes API: /version says {found!r}")
    if (int(match[1]), int(match[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise StartRefused(
            f"Unsupported version of kubernetes detected.  Expected >={oldest}, got {found}"
        )
    log.info("Connected to Kubernetes API %s", found)


async def _permissions(client: Client, settings: Settings, needed: Sequence[Permission]) -> None:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def denied(permission: Permission, verb: str) -> list[tuple[str, str, str]]:
        async with gate:
            return [
                (verb, permission.target, namespace)
                for namespace in await _denied(client, settings, permission, verb)
            ]

    asked = [
        denied(permission, verb)
        for permission in needed
        for verb in permission.verbs
        if permission.scope is not Scope.ELECTION or settings.leader_election
    ]
    missing = [row for rows in await asyncio.gather(*asked) for row in rows]
    if missing:
        raise StartRefused(f"lacks permissions: {_summary(missing)}")


async def _denied(
    client: Client, settings: Settings, permission: Permission, verb: str
) -> list[str]:
    """Namespaces where ``verb`` isn't allowed; the empty one stands for the whole cluster."""
    wanted: Sequence[str] = ("",)
    if permission.scope is Scope.WATCHED and settings.namespaces:
        wanted = settings.namespaces
    elif permission.scope is Scope.ELECTION:
        wanted = (settings.leader_election_namespace,)
    # Most installations grant all namespaces at once: one question instead of one for each.
    if len(wanted) > 1 and await allowed(client, verb, permission.resource):
        return []
    return [
        namespace
        for namespace in wanted
        if not await allowed(client, verb, permission.resource, namespace)
    ]


def _summary(missing: Sequence[tuple[str, str, str]]) -> str:
    verbs: dict[tuple[str, str], list[str]] = {}
    for verb, what, namespace in missing:
        verbs.setdefault((what, namespace), []).append(verb)
    return "; ".join(
        f"{', '.join(found)} {what}" + (f" in namespace {namespace}" if namespace else "")
        for (what, namespace), found in verbs.items()
    )


async def _definitions(client: Client) -> None:
    for resource in (CANARIES, METRIC_TEMPLATES, ALERT_PROVIDERS):
        try:
            definition = await client.get(CRDS, None, str(resource))
        except NotFound as error:
            _not_registered(resource, "it is not installed", error)
        version = _served(definition, resource.version)
        if version is None:
            _not_registered(resource, f"it doesn't serve {resource.version}")
        if resource == CANARIES and not _keeps_record(version):
            raise StartRefused(
                f"the CustomResourceDefinition {resource} prunes status.engine, "
                "where rollouts are recorded: apply crds/canaries.yaml"
            )


def _not_registered(resource: Resource, cause: str, error: BaseException | None = None) -> NoReturn:
    file = f"crds/{resource.plural}.yaml"
    raise StartRefused(f"{resource.kind} CRD is not registered: {cause}, apply {file}") from error


def _served(definition: Obj, name: str) -> Mapping[str, Any] | None:
    versions: Sequence[Mapping[str, Any]] = definition.get("spec", {}).get("versions") or ()
    return next((v for v in versions if v.get("name") == name and v.get("served")), None)


def _keeps_record(version: Mapping[str, Any]) -> bool:
    """Whether what the engine writes to ``status.engine`` survives, whatever its shape."""
    node: Mapping[str, Any] = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    for name in ("status", "engine"):
        node = (node.get("properties") or {}).get(name) or {}
    return bool(node.get("x-kubernetes-preserve-unknown-fields"))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
