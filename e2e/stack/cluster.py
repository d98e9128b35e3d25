"""The cluster for tests and people: a context that starts it and leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from canary.kube.client import Client
from canary.kube.resources import Obj
from e2e.stack import network
from e2e.stack.apply import Applier, client_of
from e2e.stack.cache import Cache, cache_folder
from e2e.stack.certificates import KeyPair
from e2e.stack.namespace import Namespace, StackError, usable
from e2e.stack.settings import DOORS, Settings
from e2e.stack.versions import FEATURES, pieces

Rule = Mapping[str, Sequence[str]]
"""A PolicyRule: apiGroups, resources, verbs."""


class NotBuilt(StackError):
    """Binaries are missing; the text says how to build them."""


class Stack:
    """A cluster of its own.

    ``features`` are of ``contour``, ``istiod``, ``flux``, ``proxy``, ``traefik``. ``say`` gets
    progress lines. ``name`` names the network namespace for ``ip netns`` (root only). ``keep``
    leaves the run's folder with its logs. All addresses mean the same outside, where tests run,
    and inside, where pods do.
    """

    def __init__(
        self,
        features: Collection[str] = (),
        *,
        say: Callable[[str], None] = lambda line: None,
        cache_root: Path | None = None,
        name: str = "",
        keep: bool = False,
    ) -> None:
        unknown = set(features) - set(FEATURES)
        if unknown:
            raise StackError(f"no such feature: {', '.join(sorted(unknown))}")
        self._say = say
        self._name = name
        self._keep = keep
        self._cache_root = cache_root or cache_folder()
        self._features = frozenset(features)
        self._settings: Settings | None = None
        self._namespace: Namespace | None = None
        self._client_context: AbstractAsyncContextManager[Client] | None = None
        self._admin: KeyPair | None = None
        self.deaths: list[str] = []
        """Daemons that ended by themselves."""

    async def __aenter__(self) -> Stack:
        """Start everything. Raises NotBuilt, StackError."""
        began = time.monotonic()
        cache = Cache(self._cache_root)
        missing = [piece.name for piece in pieces(self._features) if not cache.has(piece)]
        if missing:
            how = "python -m e2e.stack build"
            raise NotBuilt(f"not built yet: {', '.join(missing)}; run: {how}")
        usable(self._name)
        listeners = {door: network.door() for door in DOORS}
        self._settings = self._prepare(listeners)
        self._namespace = Namespace(self._hear)
        try:
            remove = "" if self._keep else str(self._settings.folder)
            doors = tuple(self._settings.doors.values())
            saved = self._settings.save()
            await self._namespace.start(saved, doors, self._name, remove)
            context = client_of(self.kubeconfig)
            self.client = await context.__aenter__()
            self._client_context = context
        except BaseException:
            await self._namespace.end()
            raise
        finally:
            for listener in listeners.values():
                listener.close()
        self._say(f"up in {time.monotonic() - began:.1f} s")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client_context is not None:
            await self._client_context.__aexit__(None, None, None)
        if self._namespace is not None:
            await self._namespace.end()

    @property
    def settings(self) -> Settings:
        """Paths and ports of the run."""
        if self._settings is None:
            raise StackError("the cluster isn't started")
        return self._settings

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.settings.kubeconfig

    @property
    def admin(self) -> KeyPair:
        """The administrator's client certificate."""
        if self._admin is None:
            raise StackError("the cluster isn't started")
        return self._admin

    @property
    def api(self) -> str:
        """Address of the API server."""
        return self.settings.url("api")

    @property
    def prometheus(self) -> str:
        """Address of Prometheus."""
        return self.settings.url("prometheus")

    @property
    def gateway(self) -> str:
        """Address of Contour's Envoy; requests need the route's host name."""
        return self.settings.url("gateway")

    @property
    def istio_gateway(self) -> str:
        """Address of the Envoy that istiod configures."""
        return self.settings.url("istio_gateway")

    @property
    def audit_log(self) -> Path:
        """Every write, and every read of users who aren't administrators: JSON lines."""
        return self.settings.audit_log

    async def apply(self, objects: Iterable[Obj], *, namespace: str = "default") -> None:
        """Apply objects of any kind as administrator. Raises ApiError."""
        await Applier(self.client).apply(objects, namespace=namespace)

    async def user(self, name: str, rules: Sequence[Rule], *, namespace: str = "") -> Path:
        """Make a user that may do what ``rules`` say, everywhere or in one namespace; gives its
        kubeconfig. Called again for the same user it replaces the rules."""
        kind = "Role" if namespace else "ClusterRole"
        group = "rbac.authorization.k8s.io"
        meta = {"name": f"e2e-{name}"} | ({"namespace": namespace} if namespace else {})
        version = f"{group}/v1"
        role = {"apiVersion": version, "kind": kind, "metadata": meta, "rules": list(rules)}
        binding = {
            "apiVersion": version,
            "kind": f"{kind}Binding",
            "metadata": meta,
            "roleRef": {"apiGroup": group, "kind": kind, "name": meta["name"]},
            "subjects": [{"apiGroup": group, "kind": "User", "name": name}],
        }
        await self.apply([role, binding])
        file = self.settings.folder / f"kubeconfig-{name}"
        authority = self.settings.authority
        file.write_text(authority.kubeconfig(self.api, authority.user(name)))
        return file

    async def start(self, daemon: str) -> None:
        """Start a stopped daemon, e.g. ``contour``, and wait until it answers."""
        await self._running().order("start", daemon)

    async def stop(self, daemon: str, number: int = signal.SIGTERM) -> None:
        """Stop a daemon with this signal; it stays down until ``start``."""
        await self._running().order("stop", daemon, signal=int(number))

    def inside(self, *command: str) -> list[str]:
        """The command line that runs ``command`` inside, where pods and Services are reachable."""
        return [*self._running().command(), *command]

    def repository(self, name: str) -> tuple[Path, str]:
        """Make an empty bare Git repository: where to push to, and its URL for Flux."""
        folder = self.settings.git / f"{name}.git"
        command = ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        return folder, f"http://127.0.0.1:3001/{name}.git"

    def _running(self) -> Namespace:
        if self._namespace is None:
            raise StackError("the cluster isn't started")
        return self._namespace

    def _prepare(self, listeners: Mapping[str, socket.socket]) -> Settings:
        settings = Settings(
            folder=Path(tempfile.mkdtemp(prefix="canary-e2e-")),
            cache_root=self._cache_root,
            features=self._features,
            doors={name: listener.fileno() for name, listener in listeners.items()},
            ports={name: listener.getsockname()[1] for name, listener in listeners.items()},
        )
        settings.authority.create()
        self._admin = settings.authority.user("admin", "system:masters")
        config = settings.authority.kubeconfig(settings.url("api"), self._admin)
        settings.kubeconfig.write_text(config)
        return settings

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message["event"] == "ready":
            self._say(f"    {message['what']}: {message['seconds']:.1f} s")
        elif message["event"] == "died":
            self.deaths.append(message["what"])
            self._say(f"    {message['what']} ended with {message['code']}")
