"""What a person wants to know of a rollout, measured where it happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canary.kube.resources import CANARIES, DEPLOYMENTS, Key
from canary.sandbox.live.sandbox import Sandbox

WINDOW = 5.0
"""Seconds that the figures at the proxy are about."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Requests that one backend answered at the proxy within the window."""

    total: int = 0
    failed: int = 0

    @property
    def success_rate(self) -> float | None:
        """In percent; None when there were no requests."""
        return 100 * (self.total - self.failed) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a Canary. ``next_step`` is in seconds; None when no step is awaited."""

    phase: str = ""
    weight: int = 0
    failed_checks: int = 0
    threshold: int = 0
    reason: str = ""
    next_step: float | None = None
    image: str = ""
    """Image of the primary: what all users get when no rollout is under way."""
    primary: Answers = Answers()
    canary: Answers = Answers()

    @property
    def share(self) -> float | None:
        """The canary's share at the proxy in percent; None without requests."""
        total = self.primary.total + self.canary.total
        return 100 * self.canary.total / total if total else None


class Observer:
    """Looks at one Canary; ``look`` is to be called several times a second."""

    def __init__(self, sandbox: Sandbox, key: Key, interval: float) -> None:
        self._sandbox, self._key, self._interval = sandbox, key, interval
        self._samples: deque[tuple[float, Mapping[str, Answers]]] = deque()
        self._last: tuple[object, ...] = ()
        self._moved = 0.0

    async def look(self) -> Progress:
        """The state of this moment."""
        now = self._sandbox.cluster.clock.monotonic()
        await self._sample(now)
        cluster, (namespace, name) = self._sandbox.cluster, self._key
        obj = cluster.get(CANARIES, namespace, name) or {}
        primary = cluster.get(DEPLOYMENTS, namespace, f"{name}-primary") or {}
        status = obj.get("status") or {}
        engine = status.get("engine") or {}
        state = (status.get("phase"), status.get("canaryWeight"), status.get("failedChecks"))
        if state != self._last:
            self._last, self._moved = state, now
        stepping = status.get("phase") == "Progressing" and status.get("canaryWeight", 0) > 0
        return Progress(
            phase=status.get("phase") or "",
            weight=int(status.get("canaryWeight") or 0),
            failed_checks=int(status.get("failedChecks") or 0),
            threshold=int(((obj.get("spec") or {}).get("analysis") or {}).get("threshold") or 0),
            reason=str(engine.get("problem") or engine.get("reason") or ""),
            next_step=max(0.0, self._moved + self._interval - now) if stepping else None,
            image=_image(primary),
            primary=self._window("primary"),
            canary=self._window("canary"),
        )

    async def _sample(self, now: float) -> None:
        counts = await self._sandbox.envoy.requests()
        found = {}
        for role in ("primary", "canary"):
            prefix = f"{self._key.namespace}/{self._key.name}-{role}/"
            mine = [one for name, one in counts.items() if name.startswith(prefix)]
            found[role] = Answers(
                sum(one.get("completed", 0) for one in mine), sum(one.get("5xx", 0) for one in mine)
            )
        self._samples.append((now, found))
        while len(self._samples) > 1 and self._samples[1][0] <= now - WINDOW:
            self._samples.popleft()

    def _window(self, role: str) -> Answers:
        first, last = self._samples[0][1][role], self._samples[-1][1][role]
        return Answers(max(0, last.total - first.total), max(0, last.failed - first.failed))


def _image(deployment: Mapping[str, Any]) -> str:
    template = (deployment.get("spec") or {}).get("template") or {}
    containers = (template.get("spec") or {}).get("containers") or [{}]
    return str(containers[0].get("image") or "")
