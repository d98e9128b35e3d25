"""Prometheus: what it scrapes, and the series that stock Envoy lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from e2e.stack import traefik
from e2e.stack.daemon import Component
from e2e.stack.settings import Settings
from e2e.stack.versions import PROMETHEUS

SCRAPE_INTERVAL = "2s"
"""Windows of queries have to be at least four times this."""

_CLUSTER = "envoy_cluster_name"
_WORKLOAD = r"outbound\|[0-9]+\|[^|]*\|(.+?)(-canary)?\.[^.]+\.svc.*"
_NAMESPACE = r".*?\.([^.]+)\.svc.*"
# Namespace, Ingress, Service and port number: only a namespace's name may have a hyphen here.
_BACKEND = "{}-{}-[^-]+-[0-9]+(?:-canary)?@kubernetesingressnginx"


def configuration(settings: Settings) -> dict[str, Any]:
    """The configuration. Debian's build has no Kubernetes discovery: the kubelet writes a file."""
    jobs: list[dict[str, Any]] = [
        {"job_name": "pods", "file_sd_configs": [{"files": [str(settings.targets)]}]}
    ]
    envoy = "/stats/prometheus"
    proxies = {
        "contour": ("envoy", "127.0.0.1:8002", envoy),
        "istiod": ("istio-gateway", f"127.0.0.1:{settings.ports['istio_admin']}", envoy),
        "traefik": ("traefik", traefik.METRICS, "/metrics"),
    }
    for feature, (job, address, path) in proxies.items():
        if feature in settings.features:
            where = [{"targets": [address]}]
            jobs.append({"job_name": job, "metrics_path": path, "static_configs": where})
    return {
        "global": {"scrape_interval": SCRAPE_INTERVAL, "evaluation_interval": SCRAPE_INTERVAL},
        "scrape_configs": jobs,
        "rule_files": [str(settings.folder / "rules.yml")],
    }


def rules() -> dict[str, Any]:
    """The series of Istio's proxy and of ingress-nginx, made of those of the proxies that stand
    here in their place: a stock Envoy lacks the filter, and Traefik has names of its own."""
    istio = {
        "istio_requests_total": "envoy_cluster_upstream_rq",
        "istio_request_duration_milliseconds_bucket": "envoy_cluster_upstream_rq_time_bucket",
    }
    duration = "request_duration_seconds"
    nginx = {
        "nginx_ingress_controller_requests": "traefik_service_requests_total",
        **{
            f"nginx_ingress_controller_response_duration_seconds_{part}": (
                f"traefik_service_{duration}_{part}"
            )
            for part in ("sum", "count")
        },
    }
    groups = {
        "istio": [{"record": name, "expr": _istio(source)} for name, source in istio.items()],
        "nginx": [{"record": name, "expr": _nginx(source)} for name, source in nginx.items()],
    }
    return {
        "groups": [
            {"name": name, "interval": SCRAPE_INTERVAL, "rules": records}
            for name, records in groups.items()
        ]
    }


def _istio(series: str) -> str:
    labels = {
        "destination_workload": (_CLUSTER, _WORKLOAD),
        "destination_workload_namespace": (_CLUSTER, _NAMESPACE),
        "response_code": ("envoy_response_code", "(.*)"),
    }
    expression = _relabelled(f'{series}{{{_CLUSTER}=~"outbound.*"}}', labels)
    return f'label_replace({expression}, "reporter", "destination", "job", ".*")'


def _nginx(series: str) -> str:
    labels = {
        "namespace": ("service", _BACKEND.format("(.+)", "[^-]+")),
        "ingress": ("service", _BACKEND.format(".+", "([^-]+)")),
        "canary": ("service", "(.+)-canary@.*"),
        "status": ("code", "(.*)"),
    }
    return _relabelled(f'{series}{{service=~"{_BACKEND.format(".+", "[^-]+")}"}}', labels)


def _relabelled(expression: str, labels: Mapping[str, tuple[str, str]]) -> str:
    """The series with further labels, each from another one by a pattern's group."""
    for label, (source, pattern) in labels.items():
        escaped = pattern.replace("\\", "\\\\")
        expression = f'label_replace({expression}, "{label}", "$1", "{source}", "{escaped}")'
    return expression


def prometheus(settings: Settings) -> Component:
    """The server, with its configuration written."""
    config = settings.folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(configuration(settings)))
    (settings.folder / "rules.yml").write_text(yaml.safe_dump(rules()))
    address = f"127.0.0.1:{settings.ports['prometheus']}"
    command = (
        settings.binary(PROMETHEUS, "prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={settings.folder / 'prometheus'}",
        f"--web.listen-address={address}",
        "--log.level=warn",
    )
    return Component("prometheus", command, f"http://{address}/-/ready")
