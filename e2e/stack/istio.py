"""istiod and a stock Envoy as its ingress gateway: real VirtualServices.

Without the settings below istiod sends Envoy pieces that exist only in Istio's own proxy, and Envoy
refuses the whole configuration. There are no sidecars: routing inside the mesh isn't exercised.
"""

from __future__ import annotations

from typing import Any

import yaml

from e2e.stack.daemon import Component
from e2e.stack.settings import Settings
from e2e.stack.versions import ENVOY, ISTIOD

NAMESPACE, GATEWAY = "istio-system", "gateway"
_XDS, _HTTP = 15010, 15080
_ADDRESS = "10.244.255.1"
_HTTP2 = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

_ENVIRONMENT = {
    "PILOT_ENABLE_ALPN_FILTER": "false",
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "ENABLE_CA_SERVER": "false",
    "PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": "false",
    "INJECTION_WEBHOOK_CONFIG_NAME": "",
    "VALIDATION_WEBHOOK_CONFIG_NAME": "",
    "POD_NAMESPACE": NAMESPACE,
    "POD_NAME": "istiod-0",
    "REVISION": "default",
    "CLUSTER_ID": "Kubernetes",
}
_MESH = {
    "defaultProviders": {},
    "enablePrometheusMerge": False,
    "enableAutoMtls": False,
    "defaultConfig": {"discoveryAddress": f"127.0.0.1:{_XDS}"},
}


def objects(settings: Settings) -> list[dict[str, Any]]:
    """Namespace and the Gateway ``istio-system/gateway`` for every host."""
    number = settings.ports["istio_gateway"]
    server = {"port": {"number": number, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "Gateway",
            "metadata": {"name": GATEWAY, "namespace": NAMESPACE},
            "spec": {"selector": {"istio": "ingressgateway"}, "servers": [server]},
        },
    ]


def istiod(settings: Settings) -> Component:
    """The control plane."""
    mesh = settings.folder / "mesh.yaml"
    mesh.write_text(yaml.safe_dump(_MESH))
    command = (
        *(settings.binary(ISTIOD, "pilot-discovery"), "discovery"),
        *("--kubeconfig", str(settings.kubeconfig), "--meshConfig", str(mesh)),
        *("--grpcAddr", f"127.0.0.1:{_XDS}", "--secureGRPCAddr="),
        *("--httpAddr", f"127.0.0.1:{_HTTP}", "--httpsAddr="),
        *("--monitoringAddr", "127.0.0.1:15014", "--ctrlz_port", "0"),
    )
    ready = f"http://127.0.0.1:{_HTTP}/ready"
    return Component("istiod", command, ready, _ENVIRONMENT, impatient=True)


def envoy(settings: Settings) -> Component:
    """The ingress gateway."""
    config = settings.folder / "istio-gateway.yaml"
    config.write_text(yaml.safe_dump(_bootstrap(settings.ports["istio_admin"])))
    command = (
        *(settings.binary(ENVOY, "envoy"), "-c", str(config)),
        # Beside Contour's Envoy: another base id.
        *("--concurrency", "1", "--disable-hot-restart", "--base-id", "7", "--log-level", "warn"),
    )
    return Component("istio-gateway", command, f"{settings.url('istio_admin')}/ready")


def _bootstrap(admin: int) -> dict[str, Any]:
    source = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}
    http2 = {"@type": f"type.googleapis.com/{_HTTP2}"}
    http2 |= {"explicit_http_config": {"http2_protocol_options": {}}}  # type: ignore[dict-item]
    return {
        "node": {
            "id": f"router~{_ADDRESS}~gateway-0.{NAMESPACE}~{NAMESPACE}.svc.cluster.local",
            "cluster": f"istio-ingressgateway.{NAMESPACE}",
            "metadata": {
                "NAMESPACE": NAMESPACE,
                "CLUSTER_ID": "Kubernetes",
                "ISTIO_VERSION": "1.31.0",
                "LABELS": {"istio": "ingressgateway"},
                "INSTANCE_IPS": _ADDRESS,
                "MESH_ID": "cluster.local",
            },
        },
        "admin": {"address": _socket(admin)},
        "stats_config": {
            # Istio separates a cluster's name with ';'; the default tags cut it at the first dot.
            "use_all_default_tags": False,
            "stats_tags": [
                {"tag_name": "envoy.cluster_name", "regex": r"^cluster\.((.+?);\.)"},
                {"tag_name": "envoy.response_code", "regex": r"_rq(_(\d{3}))$"},
                {"tag_name": "envoy.response_code_class", "regex": r"_rq_((\d))xx$"},
            ],
        },
        "dynamic_resources": {
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                "set_node_on_first_message_only": True,
                "grpc_services": [{"envoy_grpc": {"cluster_name": "xds-grpc"}}],
            },
            "cds_config": dict(source),
            "lds_config": dict(source),
        },
        "static_resources": {
            "clusters": [
                {
                    "name": "xds-grpc",
                    "type": "STATIC",
                    "typed_extension_protocol_options": {_HTTP2: http2},
                    "load_assignment": {
                        "cluster_name": "xds-grpc",
                        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _socket(_XDS)}}]}],
                    },
                }
            ]
        },
    }


def _socket(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
