"""A client for the cluster that a person means."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import yaml

from canary.cli.kubeconfig import Place
from canary.kube.client import Client
from canary.kube.configuration import (
    ConfigException,
    Configuration,
    kube_config,
    load_kube_config,
)
from canary.kube.credentials import PATIENCE, Credentials, NotConfigured
from canary.kube.http import USER_AGENT, HttpTransport, connect
from canary.kube.ratelimit import TokenBucket

QPS, BURST = 50.0, 300
"""kubectl's own limits on requests."""

# What the library raises for a kubeconfig that lacks a part.
_MALFORMED = (
    ConfigException,
    yaml.YAMLError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
)


async def connected(place: Place) -> Client:
    """A client; nothing is sent yet. Raises NotConfigured. Close its transport in the end."""
    if not place.files:
        return Client(await connect(qps=QPS, burst=BURST))
    credentials = await _credentials(place)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=credentials.tls, limit=0),
        headers={"User-Agent": USER_AGENT},
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=2**18,
    )
    try:
        return Client(HttpTransport(session, credentials, TokenBucket(QPS, BURST)))
    except (NotConfigured, ValueError) as error:
        await session.close()
        raise NotConfigured(str(error)) from error


async def _credentials(place: Place) -> Credentials:
    """Those of the context, from all files together; renewed by the same way."""
    # It logs what it raises, in a form of its own.
    logging.getLogger("kubernetes_asyncio.config.kube_config").setLevel(logging.CRITICAL)
    configuration = Configuration()
    files = kube_config.ENV_KUBECONFIG_PATH_SEPARATOR.join(place.files)

    loaded = None

    async def load(force: bool) -> None:
        nonlocal loaded
        if loaded is None or force:
            loaded = await load_kube_config(
                files,
                context=place.context,
                client_configuration=configuration,
                persist_config=False,
            )
        else:
            await loaded.load_and_set(configuration)

    try:
        async with asyncio.timeout(PATIENCE):
            await load(True)
        return Credentials(configuration, load)
    except TimeoutError as error:
        raise NotConfigured(f"context {place.context}: no credentials in {PATIENCE:g}s") from error
    except _MALFORMED as error:
        cause = " ".join(str(error).split()) or type(error).__name__
        raise NotConfigured(f"context {place.context} of the kubeconfig: {cause}") from error
