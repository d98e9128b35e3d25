"""RBAC that grants the engine's table of permissions, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from canary.server.permissions import Permission, Scope

_GROUP = "rbac.authorization.k8s.io"

NAME = "canary-engine"
"""Name of the service account, the Deployment and the roles."""


def labels() -> dict[str, str]:
    """Labels of everything that ``install`` prints."""
    return {"app.kubernetes.io/name": NAME, "app.kubernetes.io/managed-by": "canary-install"}


def rules(permissions: Iterable[Permission]) -> list[dict[str, Any]]:
    """One rule for each pair of API group and verbs, so that a rule never mixes two rows that
    differ in either."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for permission in permissions:
        key = (permission.resource.group, permission.verbs)
        found.setdefault(key, []).append(permission.resource.plural)
    return [
        {"apiGroups": [group], "resources": sorted(resources), "verbs": list(verbs)}
        for (group, verbs), resources in found.items()
    ]


def grants(
    permissions: Sequence[Permission], namespace: str, watched: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Roles and their bindings for the service account in ``namespace``.

    ``watched`` are the namespaces that the engine watches, all when empty. Two engines in two
    namespaces don't share a role.
    """
    name = NAME if namespace == NAME else f"{NAME}-{namespace}"
    cluster = [p for p in permissions if p.scope is Scope.CLUSTER]
    inside = [p for p in permissions if p.scope is Scope.WATCHED]
    yield from _pair(
        "ClusterRole", name, "", cluster if watched else [*cluster, *inside], namespace
    )
    for place in watched:
        yield from _pair("Role", name, place, inside, namespace)
    election = [p for p in permissions if p.scope is Scope.ELECTION]
    yield from _pair("Role", f"{name}-election", namespace, election, namespace)


def _pair(
    kind: str, name: str, place: str, granted: Iterable[Permission], account: str
) -> Iterator[dict[str, Any]]:
    meta = {"name": name, **({"namespace": place} if place else {}), "labels": labels()}
    version = f"{_GROUP}/v1"
    yield {"apiVersion": version, "kind": kind, "metadata": meta, "rules": rules(granted)}
    yield {
        "apiVersion": version,
        "kind": f"{kind}Binding",
        "metadata": meta,
        "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": account}],
    }
