"""Envoy's static configuration, its clusters and their endpoints, pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from canary.sandbox.live.ports import LOOPBACK
from canary.sandbox.live.routes import ROUTE_CONFIG, Backend

CLUSTERS, ROUTES, BOOTSTRAP, ADMIN = "clusters.json", "routes.json", "envoy.json", "admin-address"
STATS = "traffic"
_API = "type.googleapis.com/envoy"
_CONNECTIONS = f"{_API}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def bootstrap(folder: Path, port: int) -> dict[str, Any]:
    """One listener on loopback (0: any free port); all else follows files in ``folder``."""
    manager = {
        "@type": _CONNECTIONS,
        "stat_prefix": STATS,
        "rds": {"route_config_name": ROUTE_CONFIG, "config_source": _file(folder / ROUTES)},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_API}.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    filters = [
        {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager},
    ]
    return {
        "node": {"id": "sandbox", "cluster": "sandbox"},
        "admin": {"address": _address(0)},
        "dynamic_resources": {"cds_config": _file(folder / CLUSTERS)},
        "static_resources": {
            "listeners": [
                {"name": STATS, "address": _address(port), "filter_chains": [{"filters": filters}]}
            ]
        },
        # Statistics that nobody reads cost memory and the admin interface its time.
        "stats_config": {
            "stats_matcher": {
                "inclusion_list": {
                    "patterns": [
                        {
                            "safe_regex": {
                                "regex": r"cluster\.[^.]*\.upstream_rq_(completed|[0-9]xx)"
                            }
                        },
                        {"prefix": f"http.{STATS}."},
                    ]
                }
            }
        },
    }


def clusters(backends: Iterable[Backend], folder: Path, version: str) -> dict[str, Any]:
    """The clusters as a discovery response; each one follows a file of its endpoints."""
    kind = f"{_API}.config.cluster.v3.Cluster"
    resources = [
        {
            "@type": kind,
            "name": str(backend),
            "type": "EDS",
            "connect_timeout": "1s",
            "eds_cluster_config": {"eds_config": _file(folder / endpoints_file(backend))},
        }
        for backend in sorted(backends)
    ]
    return {"version_info": version, "type_url": kind, "resources": resources}


def endpoints(backend: Backend, ports: Sequence[int], version: str) -> dict[str, Any]:
    """The endpoints of one cluster, given the ports of its pods on loopback."""
    kind = f"{_API}.config.endpoint.v3.ClusterLoadAssignment"
    hosts = [{"endpoint": {"address": _address(port)}} for port in ports]
    resource = {
        "@type": kind,
        "cluster_name": str(backend),
        "endpoints": [{"lb_endpoints": hosts}] if hosts else [],
    }
    return {"version_info": version, "type_url": kind, "resources": [resource]}


def endpoints_file(backend: Backend) -> str:
    """Name of the file that a cluster's endpoints are in."""
    return f"endpoints-{backend.namespace}-{backend.service}-{backend.port}.json"


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}


def _file(path: Path) -> dict[str, Any]:
    return {"resource_api_version": "V3", "path_config_source": {"path": str(path)}}
