"""One rollout on a stage that notes what goes out: queries, calls of hooks, messages to chats."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from analysis.prometheus import SOURCE
from canary.api.hooks import Webhook
from canary.controller.settings import Settings
from canary.hooks import HookAnswer, HookClient
from canary.hooks.transport import HookRequest, Reply
from canary.kube.resources import DEPLOYMENTS, Key
from canary.notify.chats import Request
from canary.notify.receiver import Receiver
from tests.enginefields.progress import Moment, moments
from tests.rig.chat import Chat
from tests.rig.prometheus import Connection, Prometheus
from tests.rig.receiver import Receivers
from tests.rig.safety import Safety
from tests.rig.stage import Stage


@dataclass(frozen=True)
class Asked:
    """One connection to a metrics server, as the real source makes it."""

    address: str
    headers: dict[str, str]
    verified: bool


class Servers(Prometheus):
    """Metrics servers that note how they are connected to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []

    def __call__(self, provider: Any, secret: Any, window: str) -> Connection:
        plain = provider.model_dump(by_alias=True, exclude_none=True)
        session: Any = None
        _, headers, verified = SOURCE.connect(plain, secret, window, session, 5.0).identity
        self.asked.append(Asked(provider.address, dict(headers), verified))
        return super().__call__(provider, secret, window)


class Wire(Receivers):
    """Receivers of webhooks behind the real client: each attempt is noted, and gets ``status``."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.attempts: list[HookRequest] = []

    async def __call__(self, hook: Webhook, payload: bytes, key: str) -> HookAnswer:
        return await HookClient(self, self.clock).call(hook, payload, key)

    async def send(self, request: HookRequest) -> Reply:
        self.attempts.append(request)
        return Reply(self.status, "no")

    def metadata(self) -> Any:
        """What the last call brought along."""
        return json.loads(self.attempts[-1].body).get("metadata")


class Chats(Chat):
    """Chats that keep what is posted as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    async def __call__(self, request: Request, key: str) -> None:
        self.requests.append(request)


class Play:
    """Create it inside a running virtual loop. The promises are checked all the while, unless it
    is ``unwatched``."""

    def __init__(self, *, unwatched: bool = False, **settings: Any) -> None:
        notifier = Receiver("slack", "https://everybody.test")
        self.servers, self.wire, self.chats = Servers(), Wire(), Chats()
        self.stage = Stage(
            settings=Settings(notifier=notifier, **settings),
            prometheus=self.servers,
            receivers=self.wire,
            chat=self.chats,
        )
        self.wire.clock = self.stage.clock
        self.safety = Safety(self.stage)
        if unwatched:
            self.safety.close()
        self._moments: list[Moment] = []
        self._known = 0

    async def begins(self, manifests: list[dict[str, Any]], *, keda: bool) -> None:
        """A cluster with these manifests in which the Canary podinfo has come to rest."""
        await self.stage.up(namespaces=("test", "base"))
        if keda:
            await self.stage.keda()
        await self.stage.apply(*manifests)
        self.stage.start()
        await self.phase("Initialized")
        await self.stage.rest(30)

    async def phase(self, *wanted: str, limit: float = 3600.0) -> None:
        """Wait for one of these phases."""
        await self.stage.until(lambda: self.stage.phase() in wanted, limit)

    async def first_step(self) -> None:
        """Wait for the first traffic or iteration."""
        await self.phase("Progressing")
        status = self.stage.status
        await self.stage.until(lambda: status()["canaryWeight"] > 0 or status()["iterations"] > 0)
        await self.stage.rest(5)

    async def over(self, seconds: float = 70.0) -> None:
        """Let the next check come; only what goes out from now on is noted."""
        self.forget()
        await self.stage.rest(seconds)

    def forget(self) -> None:
        """Note only what goes out from now on."""
        for noted in (self.servers.asked, self.wire.attempts, self.chats.requests):
            noted.clear()
        self._known = len(self.servers.queries)

    @property
    def queries(self) -> list[str]:
        """What metrics servers were asked."""
        return self.servers.queries[self._known :]

    def moments(self, phase: str) -> list[Moment]:
        """Changes of the weight in this phase."""
        self._moments += moments(self.stage)
        return [moment for moment in self._moments if moment.phase == phase]

    def told(self, part: str) -> list[str]:
        """Events with ``part`` in their text."""
        return [text for _, text in self.stage.events() if part in text]

    def ready(self, count: int, name: str) -> None:
        """Exactly ``count`` pods of a workload are ready from now on."""
        self.stage.cluster.deployments.set_ready(Key("test", name), count)

    def replicas(self, name: str) -> int:
        found: int = self.stage.get(DEPLOYMENTS, name)["spec"]["replicas"]
        return found

    async def ends(self) -> None:
        """Stop everything, unless a promise was broken."""
        self.safety.close()
        await self.stage.down()
        assert not self.safety.violations, "\n".join(self.safety.violations)
