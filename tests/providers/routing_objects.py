"""The Canary of providers.md, its routing objects, and a JSON Patch as RFC 6902 means it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from providers.interface import Context, Desired, ObjectKind, Provider, Routing

Obj = dict[str, Any]

FACTS: Obj = yaml.safe_load((Path(__file__).parent / "data" / "objects.yaml").read_text())
OWNER: Obj = FACTS["metadata"]["ownerReferences"][0]
FLUX: Obj = FACTS["metadata"]["annotations"]
INIT, STEP = Routing(100, 0), Routing(90, 10)
WRITES = 3
"""A change of backends takes as many: known beside the old ones, in their place, alone."""
GATEWAY = {"name": "gw", "namespace": "gws"}

_RECORDINGS = Path(__file__).parents[1] / "transcripts" / "data" / "recordings"


def canary(**service: Any) -> Obj:
    """The Canary of providers.md with these fields in ``spec.service``."""
    return {
        "metadata": {"name": "podinfo", "namespace": "test", "uid": "canary-uid"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "podinfo"},
            "service": {"port": 9898, **service},
        },
    }


def context(obj: Obj, *live: Obj, labels: Mapping[str, str] | None = None) -> Context:
    """What a provider gets, with these objects in the cluster."""
    found = {(kind_of(each), each["metadata"]["name"]): each for each in live}
    return Context(obj, found, labels or {}, OWNER)


def kind_of(obj: Obj) -> ObjectKind:
    """The kind of one of our routing objects."""
    group, version = obj["apiVersion"].split("/")
    plural = f"{obj['kind'].lower()}s"
    return ObjectKind(group, version, plural, obj["kind"])


def stored(obj: Obj, **spec: Any) -> Obj:
    """An object as it lies in the cluster, with what the server and others add."""
    live = copy.deepcopy(obj)
    live["metadata"] |= {"uid": "x", "resourceVersion": "7", "generation": 3}
    live["metadata"].setdefault("labels", {})["app.kubernetes.io/instance"] = "argo"
    live["metadata"].setdefault("annotations", {})["note"] = "of another"
    live["spec"] |= spec
    return live


def users(obj: Obj) -> Obj:
    """The same as somebody made it by hand: not owned, not marked."""
    live = stored(obj)
    del live["metadata"]["ownerReferences"]
    live["metadata"]["annotations"] = {"note": "mine"}
    return live


def others(obj: Obj) -> Obj:
    """The same as it belongs to another Canary."""
    live = stored(obj)
    live["metadata"]["ownerReferences"] = [{**OWNER, "name": "other"}]
    return live


def weighted(desired: Sequence[Desired]) -> Desired:
    """The one object that carries the split."""
    (found,) = [each for each in desired if each.weights]
    return found


def route_of(
    provider: Provider, obj: Obj, *live: Obj, routing: Routing = STEP, **given: Any
) -> Desired:
    """The object with the split that ``provider`` wants beside ``live``."""
    return weighted(provider.desired(context(obj, *live, **given), routing))


def patched(live: Obj, operations: Sequence[Mapping[str, Any]] | None) -> Obj:
    """``live`` after a JSON Patch of the operations test, add and replace."""
    found: Any = copy.deepcopy(live)
    for operation in operations or ():
        *parents, last = operation["path"].strip("/").split("/")
        node = found
        for part in parents:
            node = node[int(part) if isinstance(node, list) else part]
        key: Any = int(last) if isinstance(node, list) else last
        if operation["op"] == "test":
            assert node[key] == operation["value"]
        else:
            assert operation["op"] == "add" or key in node
            node[key] = copy.deepcopy(operation["value"])
    return found


def routed(provider: Provider, obj: Obj, live: Obj, routing: Routing = STEP) -> Obj:
    """``live``, a route that a user made, after all writes that it takes to route so."""
    for _ in range(WRITES):
        desired = route_of(provider, obj, live, routing=routing)
        assert desired.patch is not None
        assert desired.differs is bool(desired.patch)
        live = patched(live, desired.patch)
    again = route_of(provider, obj, live, routing=routing)
    assert (again.patch, again.differs) == ([], False), "S12"
    return live


def recorded(scenario: str) -> dict[str, Obj]:
    """Objects by ``Kind/name`` that Flagger 1.44 had after initialisation."""
    found = json.loads((_RECORDINGS / f"{scenario}.json").read_text())
    objects: dict[str, Obj] = found["objectsInitialized"]
    return objects
