"""What Envoy and Prometheus are given, and what Prometheus gets to read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from analysis.builtin import query_set
from canary.kube.resources import Key
from canary.sandbox.live import app, clusters, prometheus
from canary.sandbox.live.exposition import labelled, merged
from canary.sandbox.live.routes import Backend, ready_pods

CANARY = Backend("demo", "shop-canary", 80)


def test_a_cluster_follows_the_file_of_its_endpoints():
    found = clusters.clusters([CANARY], Path("/run/envoy"), "3")
    path = "/run/envoy/endpoints-demo-shop-canary-80.json"
    source = {"resource_api_version": "V3", "path_config_source": {"path": path}}
    kind = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    assert found == {
        "version_info": "3",
        "type_url": kind,
        "resources": [
            {
                "@type": kind,
                "name": "demo/shop-canary/80",
                "type": "EDS",
                "connect_timeout": "1s",
                "eds_cluster_config": {"eds_config": source},
            }
        ],
    }


def test_endpoints_are_ports_on_loopback():
    kind = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
    host = {"socket_address": {"address": "127.0.0.1", "port_value": 4711}}
    assert clusters.endpoints(CANARY, [4711], "9")["resources"] == [
        {
            "@type": kind,
            "cluster_name": "demo/shop-canary/80",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": host}}]}],
        }
    ]
    assert clusters.endpoints(CANARY, [], "9")["resources"][0]["endpoints"] == []


def test_all_that_listens_does_so_on_loopback():
    found = repr(clusters.bootstrap(Path("/run/envoy"), 8000))
    assert set(re.findall(r"'address': '([^']*)'", found)) == {"127.0.0.1"}
    assert "'port_value': 8000" in found


def test_statistics_of_a_backend_are_kept_and_its_parts_are_not():
    # Envoy counts a request again as cluster.NAME.external.upstream_rq_... : twice is wrong.
    patterns = clusters.bootstrap(Path("/x"), 0)["stats_config"]["stats_matcher"]
    (regex,) = [
        one["safe_regex"]["regex"]
        for one in patterns["inclusion_list"]["patterns"]
        if "safe_regex" in one
    ]
    assert re.fullmatch(regex, "cluster.demo/shop-canary/80.upstream_rq_5xx")
    assert re.fullmatch(regex, "cluster.demo/shop-canary/80.upstream_rq_completed")
    assert not re.fullmatch(regex, "cluster.demo/shop-canary/80.external.upstream_rq_completed")


def test_prometheus_scrapes_every_second_and_keeps_the_pods_labels():
    # Without honor_labels Prometheus would rename what collides with its own labels.
    assert prometheus.configuration("127.0.0.1:1") == {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {
                "job_name": "pods",
                "honor_labels": True,
                "static_configs": [{"targets": ["127.0.0.1:1"]}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("platform", "word"), [("linux", "apt-get install prometheus"), ("darwin", "brew install")]
)
def test_how_to_get_prometheus(platform, word):
    assert word in prometheus.how(platform)


def page(pod, *requests):
    histogram = app.Histogram()
    for status, seconds in requests:
        histogram.observe("GET", status, seconds)
    labels = {"kubernetes_namespace": "demo", "kubernetes_pod_name": pod}
    return labelled(histogram.text(), labels)


def samples(text):
    """Series by name and labels, as Prometheus' own parser reads them."""
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_the_pages_of_all_pods_are_one_page():
    text = merged([page("a", (200, 0.02), (200, 0.3), (500, 0.001)), "", page("b", (200, 20.0))])
    found = samples(text)

    def value(pod, status, suffix, **more):
        labels = {
            "kubernetes_namespace": "demo",
            "kubernetes_pod_name": pod,
            "method": "GET",
            "status": status,
            **more,
        }
        return found[(f"http_request_duration_seconds_{suffix}", frozenset(labels.items()))]

    assert value("a", "200", "count") == 2
    assert value("a", "500", "count") == 1
    assert value("b", "200", "count") == 1
    assert value("a", "200", "sum") == pytest.approx(0.32)
    # Buckets are cumulative: each one counts all that is not longer.
    assert value("a", "200", "bucket", le="0.01") == 0
    assert value("a", "200", "bucket", le="0.025") == 1
    assert value("a", "200", "bucket", le="+Inf") == 2
    assert value("b", "200", "bucket", le="10.0") == 0
    assert text.count("# TYPE") == 1


def test_a_series_without_labels_gets_some():
    assert labelled("up 1\n", {"a": "b"}) == 'up{a="b"} 1'


def test_the_built_in_queries_ask_for_these_labels_and_series():
    # Flagger's queries for Gateway API ask the application itself (analysis.md).
    asked = query_set("gatewayapi:v1")
    text = page("shop-1a2b3c-00001", (200, 0.1))
    for query in (asked.succeeded, asked.total, asked.duration):
        series = re.search(r"rate\( (\w+)\{", query)[1]
        assert f"{series}{{" in text
        for label in re.findall(r'(\w+)(?:=|!=|=~|!~)"', query):
            assert f'{label}="' in text


def test_only_ready_pods_of_the_service_are_endpoints():
    def slice_of(name, *pods):
        endpoints = [
            {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": pod}}
            for pod, ready in pods
        ]
        labels = {"kubernetes.io/service-name": name}
        return {"metadata": {"labels": labels}, "endpoints": endpoints}

    slices = {
        Key("demo", "a"): slice_of("shop-canary", ("two", True), ("one", True), ("sick", False)),
        Key("demo", "b"): slice_of("shop-primary", ("other", True)),
        Key("else", "a"): slice_of("shop-canary", ("foreign", True)),
    }
    found = ready_pods(CANARY, slices)
    assert found == [Key("demo", "one"), Key("demo", "two")]
