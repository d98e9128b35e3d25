"""Where the API server is and who we are to it, kept fresh while the process runs."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import yaml

from canary.kube.configuration import (
    ConfigException,
    Configuration,
    kube_config,
    load_incluster_config,
    load_kube_config,
)

log = logging.getLogger("canary.kube")

REFRESH = 60.0
"""Seconds between looks at the token's source. A plugin's token is asked for when it expires."""
RETRY = 10.0
"""Shortest time between two attempts after the server refused a token, in seconds."""
PATIENCE = 30.0
"""Seconds that an exec plugin may take."""

Load = Callable[[bool], Awaitable[None]]

# What kubernetes-asyncio raises for files that are missing, malformed or lack a part.
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


class NotConfigured(Exception):
    """No usable configuration; the text is one line with the cause."""


class Credentials:
    """A loaded configuration with its token and its TLS context.

    ``load`` reads the source again; with True it asks an exec plugin even if its token is valid.
    """

    def __init__(self, configuration: Configuration, load: Load) -> None:
        self.configuration = configuration
        self._load = load
        self._due = asyncio.get_running_loop().time() + REFRESH
        self._forced = -RETRY
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None
        self.tls = _context(configuration)
        self._certify()

    def authorization(self) -> str:
        """Value of the Authorization header; empty without a token.

        Starts a refresh when one is due, and doesn't wait for it: tokens are replaced before they
        expire.
        """
        now = asyncio.get_running_loop().time()
        if now >= self._due:
            self._due = now + REFRESH
            self._refreshing = asyncio.create_task(self._refresh(False), name="credentials")
        return str(self.configuration.api_key.get("BearerToken", "")).strip()

    async def renewed(self, refused: str) -> bool:
        """After the server refused the value ``refused``: whether there is another one now."""
        now = asyncio.get_running_loop().time()
        if self.authorization() == refused:
            if now - self._forced >= RETRY:
                self._forced = now
                await self._refresh(True)
            else:
                # Another request was refused just before, and what it asks for serves this one.
                async with self._lock:
                    pass
        return self.authorization() != refused

    async def close(self) -> None:
        """Stop what is under way."""
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})

    async def _refresh(self, force: bool) -> None:
        try:
            async with self._lock, asyncio.timeout(PATIENCE):
                await self._load(force)
            self._certify()
        except _MALFORMED as error:
            log.warning("credentials can't be refreshed: %s", _cause(error))

    def _certify(self) -> None:
        """Present the client certificate; one that was replaced counts for new connections."""
        if self.configuration.cert_file:
            self.tls.load_cert_chain(
                self.configuration.cert_file, keyfile=self.configuration.key_file
            )


async def load(kubeconfig: str, master: str) -> Credentials:
    """The configuration of ``kubeconfig``, else the one of the pod that this process runs in.

    ``master`` is the API server's address, if given. Raises NotConfigured.
    """
    # It logs what it raises, in a form of its own.
    logging.getLogger("kubernetes_asyncio.config.kube_config").setLevel(logging.CRITICAL)
    configuration = Configuration()
    loader = _loader(configuration, kubeconfig, master)
    try:
        async with asyncio.timeout(PATIENCE):
            await loader(True)
        if master:
            configuration.host = _address(master, configuration)
        return Credentials(configuration, loader)
    except TimeoutError as error:
        message = f"Error building kubeconfig: no credentials within {PATIENCE:g}s"
        raise NotConfigured(message) from error
    except _MALFORMED as error:
        raise NotConfigured(f"Error building kubeconfig: {_cause(error)}") from error


def _loader(configuration: Configuration, kubeconfig: str, master: str) -> Load:
    loaded: kube_config.KubeConfigLoader
    """What the first load, which is by force, has found."""

    async def from_file(force: bool) -> None:
        nonlocal loaded
        if force:
            # Writing refreshed tokens back is broken there, and the file is not ours.
            loaded = await load_kube_config(
                _existing(kubeconfig), client_configuration=configuration, persist_config=False
            )
        else:
            await loaded.load_and_set(configuration)

    async def from_pod(force: bool) -> None:
        try:
            load_incluster_config(  # type: ignore[no-untyped-call]
                client_configuration=configuration, try_refresh_token=False
            )
        except ConfigException as error:
            raise ConfigException(f"no -kubeconfig, and not in a pod: {error}") from error

    async def from_nothing(force: bool) -> None:
        """An address is all there is, as for client-go."""

    if kubeconfig:
        return from_file
    return from_nothing if master else from_pod


def _existing(kubeconfig: str) -> str:
    path = Path(kubeconfig).expanduser()
    if not path.is_file():
        raise ConfigException(f"{kubeconfig} is no file")
    return str(path)


def _address(master: str, configuration: Configuration) -> str:
    """As client-go has it: where TLS is configured, even without verification, it is used."""
    if "://" not in master:
        secure = (
            configuration.ssl_ca_cert or configuration.cert_file or not configuration.verify_ssl
        )
        master = f"{'https' if secure else 'http'}://{master}"
    return master


def _context(configuration: Configuration) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    # Stricter than Go, it would refuse CAs that kubectl and Flagger accept.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _cause(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
