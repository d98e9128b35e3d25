"""Labels: the one that selects pods, and those that go over to primary objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from canary.workloads.objects import Obj

FLUX = "toolkit.fluxcd.io"
"""Keys that contain this belong to a GitOps tool and are never copied."""


_OF_ONE_OBJECT = ("deployment.kubernetes.io/", "kubectl.kubernetes.io/last-applied-configuration")
"""What the Deployment controller and kubectl keep on an object for themselves."""


class UnusableSelector(ValueError):
    """The target's selector has none of the label keys that the engine may use."""


@dataclass(frozen=True, slots=True)
class SelectorLabel:
    """The label by which Services find the target's pods."""

    key: str
    value: str

    @property
    def primary(self) -> str:
        """The value on the primary's pods."""
        return f"{self.value}-primary"


def selector_label(
    target: Obj, candidates: Sequence[str], kind: str = "Deployment"
) -> SelectorLabel:
    """The first of ``candidates`` in the target's ``matchLabels``; raises UnusableSelector."""
    labels = target["spec"].get("selector", {}).get("matchLabels") or {}
    for key in candidates:
        if key in labels:
            return SelectorLabel(key, str(labels[key]))
    meta = target["metadata"]
    raise UnusableSelector(
        f"{kind.lower()} {meta['name']}.{meta['namespace']} spec.selector.matchLabels "
        f"must contain one of [{' '.join(candidates)}]"
    )


def included(labels: Mapping[str, str] | None, prefixes: Sequence[str]) -> dict[str, str]:
    """The labels (or annotations) whose keys start with one of ``prefixes``; ``*`` takes all."""
    return {
        key: value
        for key, value in portable(labels).items()
        if any(p == "*" or (p and key.startswith(p)) for p in prefixes)
    }


def portable(labels: Mapping[str, str] | None) -> dict[str, str]:
    """All labels (or annotations) that mean anything on another object than their own."""
    return {
        key: value
        for key, value in (labels or {}).items()
        if FLUX not in key and not key.startswith(_OF_ONE_OBJECT)
    }


def without_flux(labels: Mapping[str, str] | None) -> dict[str, str]:
    """All labels but those of a GitOps tool."""
    return {key: value for key, value in (labels or {}).items() if FLUX not in key}
