"""Whose object it is."""

from __future__ import annotations

from canary.workloads.objects import Obj

FLUX_MARKERS = {
    "kustomize.toolkit.fluxcd.io/reconcile": "disabled",
    "helm.toolkit.fluxcd.io/driftDetection": "disabled",
}
"""Annotations that keep Flux from reverting generated objects."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def owner_reference(canary: Obj) -> dict[str, object]:
    """The reference that makes an object go with its Canary."""
    meta = canary["metadata"]
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller(obj: Obj) -> Obj | None:
    """The controlling owner reference, if there is one."""
    for reference in obj["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            return dict(reference)
    return None


def other_owners(obj: Obj, canary: Obj) -> list[Obj]:
    """Owner references of everybody else, of a Canary of this name before it too."""
    uid = canary["metadata"]["uid"]
    return [ref for ref in obj["metadata"].get("ownerReferences") or () if ref.get("uid") != uid]


def owned_by(obj: Obj, canary: Obj) -> bool:
    """Whether this Canary controls ``obj``; one of the same name before it counts too."""
    owner = controller(obj)
    meta = canary["metadata"]
    return owner is not None and (owner.get("kind"), owner.get("name")) == ("Canary", meta["name"])


def owned_by_another(obj: Obj, canary: Obj) -> str:
    """Name of another Canary that controls ``obj``; empty if there is none."""
    owner = controller(obj)
    if owner is None or owner.get("kind") != "Canary" or owned_by(obj, canary):
        return ""
    return str(owner.get("name"))
