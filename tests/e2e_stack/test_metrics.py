"""What Prometheus is told to scrape, and the labels that the built-in queries need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from analysis.builtin import APPLICATION, ISTIO, NGINX
from e2e.stack import prometheus
from e2e.stack.kubelet import pod_addresses, targets
from e2e.stack.settings import DOORS, Settings


def pod(**meta: Any) -> dict[str, Any]:
    container = {"name": "app", "image": "app:1", "ports": [{"containerPort": 9898}]}
    named = {"namespace": "test", "name": "app-1", "labels": {"app": "app"}, **meta}
    return {"metadata": named, "spec": {"containers": [container]}}


def settings(*features: str) -> Settings:
    ports = {door: number for number, door in enumerate(DOORS, 1)}
    return Settings(Path("/run"), Path("/cache"), frozenset(features), {}, ports)


def test_a_pod_is_scraped_at_its_first_port_with_the_labels_of_the_queries() -> None:
    (target,) = targets({"uid": (pod(), "10.244.0.1")})
    assert target["targets"] == ["10.244.0.1:9898"]
    wanted = set(re.findall(r"kubernetes_\w+", APPLICATION.total))
    assert wanted <= set(target["labels"])
    assert target["labels"]["kubernetes_pod_name"] == "app-1"


def test_annotations_choose_the_port_and_refuse() -> None:
    chosen = pod(annotations={"prometheus.io/port": "8080"})
    assert targets({"uid": (chosen, "10.244.0.1")})[0]["targets"] == ["10.244.0.1:8080"]
    refusing = pod(annotations={"prometheus.io/scrape": "false"})
    assert targets({"uid": (refusing, "10.244.0.1")}) == []
    without = pod()
    del without["spec"]["containers"][0]["ports"]
    assert targets({"uid": (without, "10.244.0.1")}) == []


def test_proxies_are_scraped_where_there_are_any() -> None:
    def jobs(*features: str) -> set[str]:
        configuration = prometheus.configuration(settings(*features))
        return {job["job_name"] for job in configuration["scrape_configs"]}

    assert jobs() == {"pods"}
    assert jobs("contour", "istiod") == {"pods", "envoy", "istio-gateway"}
    assert jobs("traefik") == {"pods", "traefik"}


def test_the_recorded_series_are_those_of_the_istio_queries() -> None:
    group, _ = prometheus.rules()["groups"]
    recorded = {rule["record"] for rule in group["rules"]}
    queried = set(re.findall(r"istio_\w+", ISTIO.total + ISTIO.duration))
    assert recorded == queried
    labels = set(re.findall(r"(\w+)(?:=~|!~|=)", ISTIO.total + ISTIO.succeeded))
    for rule in group["rules"]:
        made = set(re.findall(r', "(\w+)", "(?:\$1|destination)"', rule["expr"]))
        assert labels <= made


def test_the_workload_of_a_canary_service_is_the_target() -> None:
    # Istio's cluster names: outbound|port|subset|host. Flagger's canary workload is the target.
    expression = prometheus.rules()["groups"][0]["rules"][0]["expr"]
    found = re.search(r'"destination_workload", "\$1", "envoy_cluster_name", "(.*?)"\)', expression)
    assert found
    pattern = re.compile(found[1].replace("\\\\", "\\"))
    for service, workload in (("app-canary", "app"), ("app-primary", "app-primary")):
        matched = pattern.fullmatch(f"outbound|80||{service}.test.svc.cluster.local;")
        assert matched and matched[1] == workload


def test_the_recorded_series_are_those_of_the_nginx_queries() -> None:
    _, group = prometheus.rules()["groups"]
    recorded = {rule["record"] for rule in group["rules"]}
    assert recorded == set(re.findall(r"nginx_ingress\w+", NGINX.total + NGINX.duration))
    labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", NGINX.total + NGINX.succeeded))
    for rule in group["rules"]:
        assert labels <= set(re.findall(r', "(\w+)", "\$1"', rule["expr"]))


def test_namespace_and_ingress_come_out_of_traefiks_name_for_a_backend() -> None:
    # As Traefik 3.7.5 was seen to call them: the canary has the names of what it is a canary of.
    expression = prometheus.rules()["groups"][1]["rules"][0]["expr"]

    def made(label: str, name: str) -> str:
        found = re.search(rf'"{label}", "\$1", "service", "(.*?)"\)', expression)
        assert found
        matched = re.fullmatch(found[1], name)
        return matched[1] if matched else ""

    for end, canary in (("", ""), ("-canary", "my-ns-web-shop-80")):
        name = f"my-ns-web-shop-80{end}@kubernetesingressnginx"
        assert made("namespace", name) == "my-ns"
        assert made("ingress", name) == "web"
        assert made("canary", name) == canary


def test_pod_addresses_are_distinct_and_of_the_pod_range() -> None:
    addresses = pod_addresses()
    some = [next(addresses) for _ in range(1000)]
    assert len(set(some)) == 1000
    assert all(re.fullmatch(r"10\.244\.\d+\.([1-9]|\d\d+)", address) for address in some)
