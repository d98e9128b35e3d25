"""What a person set when starting the engine."""

from __future__ import annotations

from dataclasses import dataclass

from canary.notify.receiver import Receiver
from providers.interface import INGRESS_ANNOTATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Values of one process, for its whole life. The defaults are Flagger's.

    ``namespaces`` are those that are watched, all of them when empty. ``selector_labels`` are tried
    in their order. ``include_label_prefixes`` says which labels go over to primary objects (``*``:
    all). ``interval_floor`` is the shortest time between evaluations, in seconds. ``qps`` and
    ``burst`` bound the requests to the API server. ``leader_election_namespace`` holds the Lease.
    ``metrics_server`` may carry a password: never log it as it is. ``notifier`` gets the alerts of
    Canaries that name no receiver of their own.
    """

    mesh_provider: str = "istio"
    ingress_annotations: str = INGRESS_ANNOTATIONS
    """Prefix of the annotations that ingress-nginx reads."""
    event_webhook: str = ""
    """Gets the events of Canaries that have no event hook."""
    metrics_server: str = "http://prometheus:9090"
    namespaces: tuple[str, ...] = ()
    selector_labels: tuple[str, ...] = ("app", "name", "app.kubernetes.io/name")
    include_label_prefixes: tuple[str, ...] = ()
    config_tracking: bool = True
    no_cross_namespace_refs: bool = False
    cluster_name: str = ""
    notifier: Receiver | None = None
    interval_floor: float = 10.0
    threadiness: int = 2
    leader_election: bool = False
    leader_election_namespace: str = "kube-system"
    max_runs: int = 0
    """Runs in flight at once, of all Canaries; 0: any number."""
    max_runs_per_namespace: int = 0
    """As ``max_runs``, in each namespace."""
    port: int = 8080
    log_level: str = "debug"
    log_encoding: str = "json"
    log_libraries: bool = False
    kubeconfig: str = ""
    master: str = ""
    qps: int = 100
    burst: int = 250
