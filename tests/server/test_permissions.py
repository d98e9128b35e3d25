"""The table of permissions against what Flagger is granted (operations.md section 10)."""

from __future__ import annotations

import pytest

from canary.kube.resources import CANARIES, CONFIG_MAPS, SECRETS, SERVICES
from canary.server.permissions import TABLE, permissions
from providers.interface import ObjectKind
from providers.registry import installed


def test_nothing_is_granted_wholesale() -> None:
    for permission in permissions(installed()):
        names = (*permission.verbs, permission.resource.plural, permission.resource.group)
        assert "*" not in names
        assert len(set(permission.verbs)) == len(permission.verbs)


def test_each_resource_has_one_row() -> None:
    rows = [permission.resource for permission in permissions(installed())]
    assert len(rows) == len(set(rows))


def test_a_canary_is_never_made_or_removed() -> None:
    """It is patched for its finalizer only (``tests/exits``)."""
    (row,) = [permission for permission in TABLE if permission.resource == CANARIES]
    assert not {"create", "update", "delete"} & set(row.verbs)


@pytest.mark.parametrize("resource", [CONFIG_MAPS, SECRETS])
def test_tracked_objects_can_be_read_and_their_copies_written(resource: object) -> None:
    (row,) = [permission for permission in TABLE if permission.resource == resource]
    assert {"get", "list", "watch", "create", "patch"} <= set(row.verbs)


def test_kinds_of_providers_can_be_watched_and_written() -> None:
    class Example:
        kinds = (ObjectKind("example.org", "v1", "routes", "Route"),)

    found = permissions({"example": Example()})  # type: ignore[dict-item]
    (row,) = [row for row in found if row.resource.group == "example.org"]
    assert (row.resource.plural, row.resource.kind) == ("routes", "Route")
    assert {"get", "list", "watch", "create", "patch"} == set(row.verbs)


def test_what_loses_its_owner_may_be_deleted_and_nothing_else_that_is_routed() -> None:
    # The admission plugin OwnerReferencesPermissionEnforcement asks for it; ``make e2e`` has it.
    losing = {"services", "httproutes", "virtualservices"}
    for row in permissions(installed()):
        routed = row.resource.group.startswith(("networking.", "gateway.networking."))
        if routed or row.resource == SERVICES:
            assert ("delete" in row.verbs) is (row.resource.plural in losing), row


def test_installed_providers_bring_their_kinds() -> None:
    plurals = {row.resource.plural for row in permissions(installed())}
    assert {"httproutes", "virtualservices", "destinationrules"} <= plurals
