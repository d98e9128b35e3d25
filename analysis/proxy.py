"""Which proxy stands between this process and a server."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from yarl import URL


def proxy_for(url: URL, environ: Mapping[str, str]) -> str | None:
    """The proxy that ``environ`` names for ``url``, read as programs in Go read it.

    ``NO_PROXY`` may hold networks (``10.0.0.0/8``), which is how clusters spare their own
    addresses; Python's own reading doesn't know them. Loopback never has a proxy.

    aiohttp's ``trust_env`` isn't used: it takes credentials from ``~/.netrc`` too, and a request
    must carry exactly one Authorization.
    """
    host = (url.host or "").lower()
    if host == "localhost" or any(
        _matches(host, url.port, entry.strip().lower())
        for entry in _variable(environ, "no_proxy").split(",")
    ):
        return None
    address = _address(host)
    if address and address.is_loopback:
        return None
    proxy = _variable(environ, f"{url.scheme}_proxy")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy or None


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name.upper()) or environ.get(name) or ""


def _matches(host: str, port: int | None, entry: str) -> bool:
    """One entry of ``NO_PROXY``: ``*``, a network, or a domain with all below it."""
    if entry == "*":
        return True
    address, network = _address(host), _network(entry)
    if network:
        return address is not None and address in network
    name, _, wanted = entry.partition(":")
    if wanted and wanted != str(port):
        return False
    bare = name.removeprefix("*").removeprefix(".")
    if not bare:
        return False
    return host.endswith(f".{bare}") or (host == name and not name.startswith("."))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
