"""TLS: who the server is, and who we are to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from apiserver import GET, kubeconfig, serving, statuses
from tlsserver import certificates, secured, subject

from canary.kube.credentials import load
from canary.kube.http import connect
from canary.kube.transport import TransportError


@pytest.mark.asyncio
async def test_tls_with_a_ca_and_a_client_certificate(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    user = {"client-certificate": files["client.crt"], "client-key": files["client.key"]}
    async with serving(subject, ssl_context=secured(files)) as address:
        config = kubeconfig(tmp_path, address, user, {"certificate-authority": files["ca.crt"]})
        transport = await connect(kubeconfig=config)
        try:
            response = await transport.request(GET)
        finally:
            await transport.close()
    assert [["commonName", "client"]] in json.loads(response.body)


@pytest.mark.asyncio
async def test_an_unknown_ca_is_refused_unless_told_otherwise(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    async with serving(subject, ssl_context=secured(files)) as address:
        with pytest.raises(TransportError, match="certificate verify failed"):
            await statuses(kubeconfig(tmp_path, address))
        trusting = kubeconfig(tmp_path, address, cluster={"insecure-skip-tls-verify": True})
        assert await statuses(trusting) == [200]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("cluster", "user", "expected"),
    [
        ("certificate-authority", {}, "https://other:1"),
        ("insecure-skip-tls-verify", {}, "https://other:1"),
        ("", {"client-certificate": "client.crt", "client-key": "client.key"}, "https://other:1"),
        ("", {}, "http://other:1"),
    ],
)
async def test_a_master_without_scheme_is_met_over_tls_where_any_is_configured(
    tmp_path: Path, cluster: str, user: dict[str, str], expected: str
) -> None:
    """As client-go takes it: leaving the scheme out gives away no token in the clear."""
    files = certificates(tmp_path)
    settings = {"certificate-authority": files["ca.crt"], "insecure-skip-tls-verify": True}
    config = kubeconfig(
        tmp_path,
        "https://here:1",
        {key: files[name] for key, name in user.items()},
        {cluster: settings[cluster]} if cluster else {},
    )
    assert (await load(config, "other:1")).configuration.host == expected
