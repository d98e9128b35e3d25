"""What printed roles allow: RBAC as an API server reads it."""

from __future__ import annotations

import json
from typing import Any

from canary.kube.transport import Request, Response

Manifest = dict[str, Any]


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [obj for obj in manifests if obj["kind"] == kind]


class Grants:
    """What RBAC allows the engine's service account: rules are only ever added up."""

    def __init__(self, manifests: list[Manifest]) -> None:
        (self.account,) = of_kind(manifests, "ServiceAccount")
        self.manifests = manifests
        self.rows = set(self._rows())
        """(namespace or empty for all, verb, group, resource)."""

    def _rows(self):
        for binding in self.manifests:
            if not binding["kind"].endswith("Binding") or not self._mine(binding):
                continue
            place = binding["metadata"].get("namespace", "")
            for rule in self._role(binding["roleRef"], place)["rules"]:
                for verb in rule["verbs"]:
                    for group in rule["apiGroups"]:
                        for resource in rule["resources"]:
                            yield place, verb, group, resource

    def _mine(self, binding: Manifest) -> bool:
        meta = self.account["metadata"]
        wanted = {"kind": "ServiceAccount", "name": meta["name"], "namespace": meta["namespace"]}
        return wanted in binding["subjects"]

    def _role(self, reference: dict[str, str], place: str) -> Manifest:
        (role,) = [
            obj
            for obj in of_kind(self.manifests, reference["kind"])
            if obj["metadata"]["name"] == reference["name"]
            and obj["metadata"].get("namespace", "") == place
        ]
        return role

    def allows(self, verb: str, group: str, resource: str, namespace: str) -> bool:
        return any((place, verb, group, resource) in self.rows for place in {"", namespace})


class Reviewed:
    """An API server that answers access reviews by the printed roles."""

    def __init__(self, inner: Any, grants: Grants) -> None:
        self.inner, self.grants = inner, grants

    async def request(self, request: Request) -> Response:
        if not request.path.endswith("/selfsubjectaccessreviews"):
            return await self.inner.request(request)
        asked = json.loads(request.body or b"")["spec"]["resourceAttributes"]
        resource = "/".join(filter(None, (asked["resource"], asked["subresource"])))
        yes = self.grants.allows(asked["verb"], asked["group"], resource, asked["namespace"])
        return Response(201, {}, json.dumps({"status": {"allowed": yes}}).encode())

    async def close(self) -> None:
        """Nothing is pooled."""
