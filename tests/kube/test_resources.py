"""Where the API server has a resource, and what it calls it."""

from __future__ import annotations

import pytest

from canary.kube.resources import (
    CANARIES,
    CONFIG_MAPS,
    CRDS,
    DEPLOYMENTS,
    NAMESPACES,
    Key,
    Resource,
)


@pytest.mark.parametrize(
    ("resource", "place", "path"),
    [
        # The core group has a root of its own.
        (CONFIG_MAPS, (), "/api/v1/configmaps"),
        (CONFIG_MAPS, ("shop",), "/api/v1/namespaces/shop/configmaps"),
        (CONFIG_MAPS, ("shop", "one"), "/api/v1/namespaces/shop/configmaps/one"),
        (DEPLOYMENTS, (), "/apis/apps/v1/deployments"),
        (
            DEPLOYMENTS,
            ("shop", "app", "scale"),
            "/apis/apps/v1/namespaces/shop/deployments/app/scale",
        ),
        (
            CANARIES,
            ("shop", "app", "status"),
            "/apis/flagger.app/v1beta1/namespaces/shop/canaries/app/status",
        ),
        # What belongs to no namespace.
        (NAMESPACES, (None, "shop"), "/api/v1/namespaces/shop"),
        (NAMESPACES, ("", "shop"), "/api/v1/namespaces/shop"),
        (CRDS, (), "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
    ],
)
def test_paths(resource: Resource, place: tuple[str | None, ...], path: str) -> None:
    assert resource.path(*place) == path


@pytest.mark.parametrize(
    ("resource", "version", "name"),
    [(CONFIG_MAPS, "v1", "configmaps"), (DEPLOYMENTS, "apps/v1", "deployments.apps")],
)
def test_names(resource: Resource, version: str, name: str) -> None:
    """As manifests and `kubectl api-resources` have them."""
    assert (resource.api_version, str(resource)) == (version, name)


def test_an_object_is_named_with_its_namespace() -> None:
    assert str(Key("shop", "app")) == "app.shop"
