"""What a user may do is asked of the API server."""

from __future__ import annotations

import orjson
import pytest
from wiretap import Rig, played

from canary.kube.access import allowed
from canary.kube.errors import Forbidden
from canary.kube.resources import DEPLOYMENTS
from canary.kube.transport import Response

SCALES = DEPLOYMENTS._replace(plural="deployments/scale")


def told(status: object) -> Response:
    return Response(201, {}, orjson.dumps({"kind": "SelfSubjectAccessReview", "status": status}))


@played
async def test_only_a_clear_yes_is_a_permission(rig: Rig) -> None:
    rig.wire.answers = [
        told({"allowed": True}),
        told({"allowed": False, "reason": "no role"}),
        told({"allowed": False, "denied": True}),
        told({}),
        Response(201, {}, b"{}"),
    ]
    answers = [await allowed(rig.client, "update", SCALES, "shop") for _ in range(5)]
    assert answers == [True, False, False, False, False]


@played
async def test_it_is_asked_as_rules_of_roles_are_written(rig: Rig) -> None:
    assert await allowed(rig.client, "update", SCALES, "shop")
    assert await allowed(rig.client, "list", DEPLOYMENTS)
    asked = [orjson.loads(request.body or b"")["spec"] for request in rig.wire.sent]
    assert [spec["resourceAttributes"] for spec in asked] == [
        {
            "verb": "update",
            "group": "apps",
            "resource": "deployments",
            "subresource": "scale",
            "namespace": "shop",
        },
        {
            "verb": "list",
            "group": "apps",
            "resource": "deployments",
            "subresource": "",
            "namespace": "",
        },
    ]


@played
async def test_a_server_that_does_not_say_is_an_error(rig: Rig) -> None:
    rig.wire.answers = [Response(403, {}, b'{"message": "no reviews for you"}')]
    with pytest.raises(Forbidden, match="no reviews for you"):
        await allowed(rig.client, "list", DEPLOYMENTS)
