"""kube-proxy: requests to a Service's ClusterIP reach its pods."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from e2e.stack.cache import Cache
from e2e.stack.daemon import Component
from e2e.stack.network import NODE_ADDRESSES, POD_RANGE, SERVICE_RANGE
from e2e.stack.settings import Settings
from e2e.stack.versions import KUBE_PROXY, NFTABLES

_HEALTH, _METRICS = "127.0.0.1:10256", "127.0.0.1:10249"


def lead_in() -> None:
    """Let the range of the ClusterIPs be a way that packets can take at all."""
    way = f"route add {SERVICE_RANGE} dev lo src {NODE_ADDRESSES[0]}"
    subprocess.run(["ip", *way.split()], check=True, capture_output=True)


def proxy(settings: Settings) -> Component:
    """kube-proxy with nftables, whose program it runs, for the first node: all pods are local."""
    cache = Cache(settings.cache_root)
    programs = Path(settings.binary(NFTABLES, "nft")).parent
    environment = {
        "PATH": f"{programs}:{os.environ.get('PATH', '')}",
        # For nft alone: kube-proxy itself is static.
        "LD_LIBRARY_PATH": str(cache.libraries(NFTABLES)),
    }
    command = (
        settings.binary(KUBE_PROXY, "kube-proxy"),
        f"--kubeconfig={settings.kubeconfig}",
        "--proxy-mode=nftables",
        "--hostname-override=node-1",
        f"--cluster-cidr={POD_RANGE}",
        # The machine's limits aren't ours to set.
        "--conntrack-max-per-core=0",
        f"--healthz-bind-address={_HEALTH}",
        f"--metrics-bind-address={_METRICS}",
    )
    return Component("kube-proxy", command, f"http://{_HEALTH}/healthz", environment)
