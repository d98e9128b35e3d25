"""The story that the demo tells: a good revision is promoted, a bad one is rolled back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from canary.kube.resources import Key
from canary.sandbox.live.gitops import MANAGER, Repository, follow
from canary.sandbox.live.load import Tally
from canary.sandbox.live.manifests import Applier
from canary.sandbox.live.progress import Observer, Progress
from canary.sandbox.live.sandbox import Sandbox
from canary.sandbox.live.supervise import Child

CANARY = Key("demo", "shop")
FIRST = "shop:1.0.0"
INTERVAL = 5.0
"""Seconds: ``spec.analysis.interval`` of the manifest."""
LOOK = 0.2
"""Seconds between looks."""


@dataclass(frozen=True, slots=True)
class Act:
    """One commit and what has to come of it; ``limit`` in seconds."""

    title: str
    image: str
    phase: str
    serves: str
    """Image that users get in the end."""
    limit: float = 75.0

    @property
    def revision(self) -> str:
        return self.image.partition(":")[2]


ACTS = (
    Act("a good revision", "shop:1.1.0", "Succeeded", "shop:1.1.0"),
    Act(
        "a bad revision: 30 % of its answers are errors", "shop:1.2.0-bad30", "Failed", "shop:1.1.0"
    ),
)
START = Act("the first revision", FIRST, "Initialized", FIRST)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an act. ``tally`` holds the requests of users while it lasted."""

    act: Act
    last: Progress
    tally: Tally
    weights: tuple[int, ...]
    seconds: float
    problem: str = ""
    """Why it isn't what had to come; empty: it is."""


class EngineEnded(Exception):
    """The controller ended by itself; the text has its last lines."""


class Story:
    """Tells it in a running sandbox. ``show`` hears of every look, with the act's title."""

    def __init__(
        self, sandbox: Sandbox, manifest: str, show: Callable[[Act, str, Progress], None]
    ) -> None:
        self._sandbox, self._manifest, self._show = sandbox, manifest, show
        self.repository = Repository(sandbox.supervisor.folder / "repository")
        self._observer = Observer(sandbox, CANARY, INTERVAL)
        self._commit = ""
        self._applied = ""

    async def engine(self) -> Child:
        """Start the controller as a process of its own."""
        options = {
            "kubeconfig": str(self._sandbox.kubeconfig),
            "mesh-provider": "gatewayapi:v1",
            "metrics-server": self._sandbox.prometheus,
            "interval-floor": "2s",
            "port": "0",
            "log-level": "info",
            "zap-encoding": "console",
        }
        flags = [f"-{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", "canary.cli.main", "run", *flags]
        return await self._sandbox.supervisor.start("engine", command)

    async def gitops(self) -> None:
        """Apply what is committed, until cancelled."""
        cluster = self._sandbox.cluster
        applier = Applier(cluster.server.transport(MANAGER), cluster.server.storage, MANAGER)
        await follow(self.repository, applier, self._heard)

    def _heard(self, commit: str) -> None:
        self._applied = commit

    async def play(self, act: Act) -> Result:
        """Commit the act's image and watch until it has ended, or its limit is over."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), self._sandbox.load.tally()
        text = self._manifest.replace(f"image: {FIRST}", f"image: {act.image}")
        self._commit = await self.repository.commit("shop.yaml", text, f"shop: {act.image}")
        weights: list[int] = []
        started = act is START
        while True:
            found = await self._observer.look()
            self._show(act, self._commit, found)
            started = started or found.phase == "Progressing"
            if found.weight not in weights[-1:]:
                weights.append(found.weight)
            late = loop.time() - began > act.limit
            if late or (started and found.phase in ("Initialized", "Succeeded", "Failed")):
                break
            await asyncio.sleep(LOOK)
        tally = self._sandbox.load.tally().since(before)
        result = Result(act, found, tally, tuple(weights), loop.time() - began)
        return replace(result, problem=problem(result))


def problem(result: Result) -> str:
    """Why a result isn't what its act has to come to; empty: it is."""
    act, last = result.act, result.last
    if last.phase != act.phase:
        return f"the phase is {last.phase or 'not set'} and not {act.phase}: {last.reason}"
    if last.image != act.serves:
        return f"users get {last.image} and not {act.serves}"
    if last.weight != 0:
        return f"the canary still has a weight of {last.weight}"
    if act is not START and not result.tally.of(act.revision):
        return f"no request of a user was answered by {act.revision}"
    if act is not START and not any(result.weights):
        return "the weight never rose"
    return ""


def manifest(folder: Path) -> str:
    """The manifest of the demo; raises OSError, and ValueError when it has been changed."""
    text = (folder / "shop.yaml").read_text(encoding="utf-8")
    for needed in (f"image: {FIRST}\n", f"interval: {INTERVAL:g}s\n"):
        if needed not in text:
            raise ValueError(f"{folder / 'shop.yaml'}: {needed.strip()!r} is not in it")
    return text
