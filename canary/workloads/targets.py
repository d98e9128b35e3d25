"""The kinds of target: what of one is judged and copied, how big it is, whether it is ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from canary.workloads import daemonset, readiness, service_target
from canary.workloads.objects import Obj


@dataclass(frozen=True, slots=True)
class TargetKind:
    """What is particular to targets of one kind, as functions of a live object.

    ``content`` is what a revision is the digest of, and what the primary gets: the pod template, or
    the spec of a Service. ``copied`` are the fields beside it that the primary takes over at a
    promotion. ``size`` is the replica count, 0 or 1 where there is only a switch; ``pods`` those
    that still exist. ``scales``: replica commands mean something.
    """

    name: str
    content: Callable[[Obj], Obj]
    size: Callable[[Obj], int]
    pods: Callable[[Obj], int]
    readiness: Callable[[Obj, int], readiness.Readiness]
    copied: tuple[str, ...] = ()
    scales: bool = True

    @property
    def runs_pods(self) -> bool:
        """Whether it has a pod template: labels to select by, ConfigMaps and Secrets to track."""
        return self.scales


def _pod_template(obj: Obj) -> Obj:
    template: Obj = obj["spec"]["template"]
    return template


DEPLOYMENT = TargetKind(
    "Deployment",
    _pod_template,
    lambda obj: int(obj["spec"].get("replicas", 1)),
    lambda obj: int((obj.get("status") or {}).get("replicas", 0)),
    lambda obj, threshold: readiness.readiness(obj, threshold, needs_pods=True),
    ("minReadySeconds", "progressDeadlineSeconds", "revisionHistoryLimit", "strategy"),
)
DAEMON_SET = TargetKind(
    "DaemonSet",
    daemonset.template,
    daemonset.size,
    daemonset.pods,
    daemonset.readiness,
    ("minReadySeconds", "revisionHistoryLimit", "updateStrategy"),
)
SERVICE = TargetKind(
    "Service",
    service_target.content,
    lambda obj: 1,
    lambda obj: 0,
    lambda obj, threshold: readiness.Ready(),
    scales=False,
)

KINDS: Mapping[str, TargetKind] = {kind.name: kind for kind in (DEPLOYMENT, DAEMON_SET, SERVICE)}
"""By ``spec.targetRef.kind``."""
