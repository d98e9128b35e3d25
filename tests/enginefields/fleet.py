"""Several Canaries in one cluster."""

from __future__ import annotations

import copy
from typing import Any

from tests.rig.manifests import merge, setting


def member(
    name: str, namespace: str = "test", spec: dict[str, Any] | None = None, **analysis: Any
) -> list[dict[str, Any]]:
    """The setting's Deployment and Canary under another name; checks of two steps a minute."""
    brisk = {"stepWeight": 50, "maxWeight": 50, **analysis}
    *_, deployment, canary = copy.deepcopy(setting(spec, brisk))
    for obj in (deployment, canary):
        obj["metadata"] |= {"name": name, "namespace": namespace}
    labels = {"app": name}
    pods = {"containers": [{"name": "app", "image": f"{name}:1.0.0"}]}
    template = {"metadata": {"labels": labels}, "spec": pods}
    spec_of = {"selector": {"matchLabels": labels}, "template": template}
    deployment["spec"] = {**deployment["spec"], **spec_of}
    canary["spec"] = merge(canary["spec"], {"targetRef": {"name": name}})
    return [deployment, canary]
