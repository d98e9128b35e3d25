"""etcd, the API server, its controllers, the scheduler and the process kubelet."""

from __future__ import annotations

import sys

from e2e.stack.daemon import Component
from e2e.stack.network import NODE_ADDRESSES, SERVICE_RANGE
from e2e.stack.settings import Settings
from e2e.stack.versions import CONTROL_PLANE, ETCD

_ETCD = "http://127.0.0.1:2379"

_CONTROLLERS = (
    "deployment-controller",
    "replicaset-controller",
    "daemonset-controller",
    "statefulset-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "endpointslice-mirroring-controller",
    "serviceaccount-controller",
    "resourcequota-controller",
    "horizontal-pod-autoscaler-controller",
    "job-controller",
    "cronjob-controller",
    "disruption-controller",
)
"""No node lifecycle controller: no Lease has to be renewed, and a node stays ready."""

AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  userGroups: [system:masters]
  verbs: [get, list, watch]
- level: None
  nonResourceURLs: ["/healthz*", "/readyz*", "/livez*"]
- level: Request
  verbs: [create, update, patch, delete, deletecollection]
- level: Metadata
"""
"""Every write with its body, every read of anybody but administrators."""


def etcd(settings: Settings) -> Component:
    """The store. It doesn't sync to disk: nothing outlives the run."""
    command = (
        settings.binary(ETCD, "etcd"),
        f"--data-dir={settings.folder / 'etcd'}",
        "--unsafe-no-fsync",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--log-level=warn",
    )
    return Component("etcd", command, f"{_ETCD}/health")


def api_server(settings: Settings) -> Component:
    """The API server. Pods get no tokens (no kubelet to project them), RBAC is real."""
    folder = settings.authority.folder
    policy = settings.folder / "audit-policy.yaml"
    policy.write_text(AUDIT_POLICY)
    command = (
        settings.binary(CONTROL_PLANE, "kube-apiserver"),
        f"--etcd-servers={_ETCD}",
        f"--tls-cert-file={folder / 'apiserver.crt'}",
        f"--tls-private-key-file={folder / 'apiserver.key'}",
        f"--client-ca-file={settings.authority.pair.certificate}",
        f"--service-account-key-file={folder / 'accounts.key'}",
        f"--service-account-signing-key-file={folder / 'accounts.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--authorization-mode=RBAC",
        f"--secure-port={settings.ports['api']}",
        "--bind-address=127.0.0.1",
        f"--advertise-address={NODE_ADDRESSES[0]}",
        "--endpoint-reconciler-type=none",
        "--allow-privileged=true",
        # Taints by node condition would wait for the node lifecycle controller.
        "--disable-admission-plugins=ServiceAccount,PodSecurity,TaintNodesByCondition",
        # Whoever makes an object in another one's name needs the right to its finalizers.
        "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
        "--max-requests-inflight=2000",
        "--max-mutating-requests-inflight=1000",
        f"--audit-policy-file={policy}",
        f"--audit-log-path={settings.audit_log}",
        # One file, in MB: what is rotated away is counted by nobody.
        "--audit-log-maxsize=8192",
    )
    # After SIGTERM it lingers while clients hold watches.
    return Component("kube-apiserver", command, f"{settings.url('api')}/readyz", impatient=True)


def controller_manager(settings: Settings) -> Component:
    """The controllers that workloads, Services and autoscalers need."""
    command = (
        settings.binary(CONTROL_PLANE, "kube-controller-manager"),
        f"--kubeconfig={settings.kubeconfig}",
        f"--service-account-private-key-file={settings.authority.folder / 'accounts.key'}",
        "--use-service-account-credentials=false",
        "--leader-elect=false",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--kube-api-qps=1000",
        "--kube-api-burst=2000",
        "--bind-address=127.0.0.1",
    )
    return Component("kube-controller-manager", command, "https://127.0.0.1:10257/healthz")


def scheduler(settings: Settings) -> Component:
    """Binds pods to the nodes."""
    command = (
        settings.binary(CONTROL_PLANE, "kube-scheduler"),
        f"--kubeconfig={settings.kubeconfig}",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
    )
    return Component("kube-scheduler", command, "https://127.0.0.1:10259/healthz")


def kubelet(settings: Settings) -> Component:
    """Runs pods as processes; see ``kubelet.py``."""
    module = "e2e.stack.kubelet"
    command = (sys.executable, "-m", module, str(settings.folder / "settings.json"))
    return Component("kubelet", command, "http://127.0.0.1:10248/healthz")
