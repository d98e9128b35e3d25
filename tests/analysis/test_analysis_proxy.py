"""HTTP(S)_PROXY and NO_PROXY (analysis.md 9), as Go's documentation describes them."""

from __future__ import annotations

import pytest
from yarl import URL

from analysis.proxy import proxy_for

PROXIES = {"HTTP_PROXY": "http://plain:3128", "HTTPS_PROXY": "http://secure:3128"}


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, "http://prom:9090", None),
        (PROXIES, "http://prom:9090", "http://plain:3128"),
        (PROXIES, "https://prom:9090", "http://secure:3128"),
        ({"http_proxy": "http://small:1"}, "http://prom", "http://small:1"),
        ({"HTTP_PROXY": "proxy:3128"}, "http://prom", "http://proxy:3128"),
        ({"HTTP_PROXY": ""}, "http://prom", None),
        ({"HTTPS_PROXY": "http://secure:1"}, "http://prom", None),
        # Loopback never has one.
        (PROXIES, "http://localhost:9090", None),
        (PROXIES, "http://127.0.0.1:9090", None),
        (PROXIES, "http://127.8.8.8:9090", None),
        (PROXIES, "http://[::1]:9090", None),
    ],
)
def test_which_proxy(environ, url, proxy):
    assert proxy_for(URL(url), environ) == proxy


@pytest.mark.parametrize(
    ("entry", "spared", "proxied"),
    [
        ("*", ["prom", "10.1.2.3"], []),
        ("prom.monitoring", ["prom.monitoring", "a.prom.monitoring"], ["xprom.monitoring", "prom"]),
        ("PROM.Monitoring", ["prom.monitoring"], []),
        (".svc", ["prom.monitoring.svc"], ["svc", "prom.monitoring"]),
        ("*.svc", ["prom.monitoring.svc"], ["svc", "svc.example"]),
        ("10.0.0.0/8", ["10.1.2.3"], ["11.1.2.3", "prom"]),
        ("10.1.2.3", ["10.1.2.3"], ["10.1.2.33"]),
        ("prom:9090", ["prom"], ["prom2"]),
        ("prom:80", [], ["prom"]),
        ("a, prom ,b", ["a", "prom", "b"], ["c"]),
        ("", [], ["prom", "prom.svc."]),
        (".", [], ["prom", "prom.svc."]),
        (",", [], ["prom"]),
    ],
)
def test_who_is_spared(entry, spared, proxied):
    environ = {**PROXIES, "NO_PROXY": entry}
    for host in spared:
        assert proxy_for(URL(f"http://{host}:9090"), environ) is None, host
    for host in proxied:
        assert proxy_for(URL(f"http://{host}:9090"), environ) == "http://plain:3128", host


@pytest.mark.asyncio
async def test_a_query_goes_through_the_proxy(server, connect, monkeypatch):
    for name in ("no_proxy", "NO_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", server.url)
    await connect("http://prom.invalid:9090/p").query("up")
    (request,) = server.requests
    assert request.headers["Host"] == "prom.invalid:9090"
    assert request.raw_path == "http://prom.invalid:9090/p/api/v1/query?query=up"
