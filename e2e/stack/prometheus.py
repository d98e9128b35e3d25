"""Prometheus: what it scrapes, and the series that stock Envoy lacks."""

from __future__ import annotations

from typing import Any

import yaml

from e2e.stack.daemon import Component
from e2e.stack.settings import Settings
from e2e.stack.versions import PROMETHEUS

SCRAPE_INTERVAL = "2s"
"""Windows of queries have to be at least four times this."""

_CLUSTER = "envoy_cluster_name"
_WORKLOAD = r"outbound\|[0-9]+\|[^|]*\|(.+?)(-canary)?\.[^.]+\.svc.*"
_NAMESPACE = r".*?\.([^.]+)\.svc.*"


def configuration(settings: Settings) -> dict[str, Any]:
    """The configuration. Debian's build has no Kubernetes discovery: the kubelet writes a file."""
    jobs: list[dict[str, Any]] = [
        {"job_name": "pods", "file_sd_configs": [{"files": [str(settings.targets)]}]}
    ]
    envoys = {
        "contour": ("envoy", "127.0.0.1:8002"),
        "istiod": ("istio-gateway", "127.0.0.1:15000"),
    }
    for feature, (job, address) in envoys.items():
        if feature in settings.features:
            where = [{"targets": [address]}]
            path = "/stats/prometheus"
            jobs.append({"job_name": job, "metrics_path": path, "static_configs": where})
    return {
        "global": {"scrape_interval": SCRAPE_INTERVAL, "evaluation_interval": SCRAPE_INTERVAL},
        "scrape_configs": jobs,
        "rule_files": [str(settings.folder / "rules.yml")],
    }


def rules() -> dict[str, Any]:
    """Istio's own metrics, made of those of a stock Envoy that istiod configures: its proxy has a
    filter for them that Envoy lacks."""
    series = {
        "istio_requests_total": "envoy_cluster_upstream_rq",
        "istio_request_duration_milliseconds_bucket": "envoy_cluster_upstream_rq_time_bucket",
    }
    records = [{"record": name, "expr": _istio(source)} for name, source in series.items()]
    return {"groups": [{"name": "istio", "interval": SCRAPE_INTERVAL, "rules": records}]}


def _istio(series: str) -> str:
    expression = f'{series}{{{_CLUSTER}=~"outbound.*"}}'
    labels = {
        "destination_workload": (_CLUSTER, _WORKLOAD),
        "destination_workload_namespace": (_CLUSTER, _NAMESPACE),
        "response_code": ("envoy_response_code", "(.*)"),
    }
    for label, (source, pattern) in labels.items():
        escaped = pattern.replace("\\", "\\\\")
        expression = f'label_replace({expression}, "{label}", "$1", "{source}", "{escaped}")'
    return f'label_replace({expression}, "reporter", "destination", "job", ".*")'


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
