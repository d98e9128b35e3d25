"""Proxies from the environment, as Go reads them (operations.md section 3)."""

from __future__ import annotations

import pytest
from yarl import URL

from analysis.proxy import proxy_for

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        ("https://10.1.2.3:6443", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://10.1.2.3:6443", {"https_proxy": PROXY}, PROXY),
        ("https://10.1.2.3:6443", {"HTTPS_PROXY": "proxy:3128"}, PROXY),
        ("https://10.1.2.3:6443", {"HTTP_PROXY": PROXY}, None),
        ("http://10.1.2.3:8080", {"HTTP_PROXY": PROXY}, PROXY),
        ("https://10.1.2.3:6443", {}, None),
        # Networks, host names with what is below them, ports, everything.
        ("https://10.1.2.3:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "a, 10.0.0.0/8"}, None),
        ("https://11.1.2.3:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, PROXY),
        ("https://10.1.2.3:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "10.1.2.3"}, None),
        ("https://api.corp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "corp"}, None),
        ("https://api.corp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": ".corp"}, None),
        ("https://corp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": ".corp"}, PROXY),
        ("https://api.xcorp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "corp"}, PROXY),
        ("https://API.Corp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.corp:6443"}, None),
        ("https://api.corp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.corp:443"}, PROXY),
        ("https://api.corp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ("https://api.corp:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": " ,, "}, PROXY),
        ("https://[fd00::1]:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "fd00::/8"}, None),
        # Loopback never has one.
        ("https://localhost:6443", {"HTTPS_PROXY": PROXY}, None),
        ("https://127.0.0.1:6443", {"HTTPS_PROXY": PROXY}, None),
        ("https://[::1]:6443", {"HTTPS_PROXY": PROXY}, None),
    ],
)
def test_proxy(url: str, environ: dict[str, str], expected: str | None) -> None:
    assert proxy_for(URL(url), environ) == expected
