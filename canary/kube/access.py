"""What a client's user may do, in the API server's own words."""

from __future__ import annotations

import orjson

from canary.kube.client import Client
from canary.kube.resources import Resource
from canary.kube.transport import Request

_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_WHAT = "selfsubjectaccessreviews.authorization.k8s.io"


async def allowed(client: Client, verb: str, resource: Resource, namespace: str = "") -> bool:
    """Whether the user may do ``verb`` on ``resource``; raises ApiError and Unreachable."""
    plural, _, subresource = resource.plural.partition("/")
    attributes = {
        "verb": verb,
        "group": resource.group,
        "resource": plural,
        "subresource": subresource,
        "namespace": namespace,
    }
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = await client.send(Request("POST", _PATH, body=orjson.dumps(body)), "create", _WHAT)
    return bool(answer.get("status", {}).get("allowed"))
