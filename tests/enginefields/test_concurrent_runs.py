"""``-max-concurrent-runs`` and ``-max-concurrent-runs-per-namespace``, in a cluster."""

from __future__ import annotations

from typing import Any

from canary import virtualtime
from canary.cli.standing import standing
from canary.controller.settings import Settings
from canary.kube.resources import CANARIES
from tests.enginefields.fleet import member
from tests.rig.stage import Stage

NAMES = ("a", "b", "c", "d")


class Fleet:
    """Canaries that are at rest, and what became of them."""

    def __init__(self, stage: Stage, names: tuple[str, ...] = NAMES) -> None:
        self.stage, self.names = stage, names
        self.most = 0
        self.started: list[str] = []

    async def ready(self, namespaces: tuple[str, ...] = ("test",)) -> None:
        await self.stage.up(namespaces=namespaces)
        for namespace in namespaces:
            for name in self.names:
                await self.stage.apply(*member(name, namespace))
        self.stage.start()
        for namespace in namespaces:
            await self.stage.until(lambda ns=namespace: self.phases(ns) == {"Initialized"})
        await self.stage.rest(30)
        self.stage.history()

    async def release(self, *names: str, namespace: str = "test") -> None:
        for name in names:
            await self.stage.set_image(f"{name}:2.0.0", name, namespace)

    def phases(self, namespace: str = "test") -> set[str]:
        return {self.stage.phase(name, namespace) for name in self.names}

    def follow(self) -> None:
        """Take the history in: who started in which order, and how many at once."""
        running: dict[Any, bool] = getattr(self, "_running", {})
        for change in self.stage.history():
            if change.resource != CANARIES:
                continue
            stage = ((change.obj.get("status") or {}).get("engine") or {}).get("stage")
            runs = stage in ("Progressing", "Promoting", "Finalising")
            if runs and not running.get(change.key):
                self.started.append(change.key.name)
            running[change.key] = runs
            self.most = max(self.most, sum(running.values()))
        self._running = running


def fleet(settings: Settings, play: Any, **parts: Any) -> None:
    async def run() -> None:
        stage = Stage(settings=settings)
        try:
            await play(Fleet(stage, **parts))
        finally:
            await stage.down()

    virtualtime.run(run())


def queued(fleet: Fleet) -> dict[str, float]:
    """What is exported of the queue, by namespace."""
    (family,) = [
        one for one in fleet.stage.registry.collect() if one.name == "canary_engine_queued_rollouts"
    ]
    return {sample.labels["namespace"]: sample.value for sample in family.samples}


def condition(fleet: Fleet, name: str) -> str:
    """The message of the condition ``Queued``; empty without one."""
    found = fleet.stage.status(name).get("conditions") or ()
    return next((c["message"] for c in found if c["type"] == "Queued"), "")


def test_one_at_a_time_in_the_order_in_which_they_came() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready()
        for name in ("c", "a", "d", "b"):
            await fleet.release(name)
            await fleet.stage.rest(1)
        assert [condition(fleet, name) for name in ("c", "a", "d", "b")] == [
            "",
            "place 1 in the queue: 1 run at a time",
            "place 2 in the queue: 1 run at a time",
            "place 3 in the queue: 1 run at a time",
        ]
        await fleet.stage.until(lambda: fleet.phases() == {"Succeeded"})
        fleet.follow()
        assert (fleet.started, fleet.most) == (["c", "a", "d", "b"], 1)
        assert not any(condition(fleet, name) for name in NAMES)
        told = [text for _, text in fleet.stage.events() if "waits for its turn" in text]
        assert told == [
            f"Rollout of {name}.test waits for its turn: 1 run at a time" for name in "adb"
        ]

    fleet(Settings(max_runs=1), play)


def test_who_waits_is_counted_by_namespace() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready(("test", "base"))
        assert queued(fleet) == {}
        await fleet.release("a", "b", "c")
        await fleet.release("a", "b", namespace="base")
        await fleet.stage.rest(2)
        assert queued(fleet) == {"test": 2, "base": 2}
        # Records outlive the process, and so does what they amount to.
        await fleet.stage.stop()
        fleet.stage.metrics.queued({})
        fleet.stage.start()
        await fleet.stage.rest(5)
        assert queued(fleet) == {"test": 2, "base": 2}
        await fleet.stage.until(lambda: fleet.phases("base") == {"Succeeded", "Initialized"})
        await fleet.stage.until(lambda: queued(fleet) == {}, 3600)

    fleet(Settings(max_runs=1), play)


def test_a_place_is_seen_with_the_command_line() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready()
        await fleet.release("a", "b", "c")
        await fleet.stage.rest(2)
        at = standing(fleet.stage.get(CANARIES, "c"))
        assert at.phase == "Initialized"
        assert at.reason == "place 1 in the queue: 2 runs at a time in namespace test"
        assert at.next.text == "the rollout when it is its turn"
        assert at.blocked is None

    fleet(Settings(max_runs_per_namespace=2), play)


def test_an_end_starts_the_next_at_once() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready()
        await fleet.release("a", "b")
        await fleet.stage.until(lambda: fleet.stage.phase("a") == "Succeeded")
        await fleet.stage.rest(1)
        assert fleet.stage.phase("b") == "Progressing"

    fleet(Settings(max_runs=1), play)


def test_the_limits_of_a_namespace_are_its_own() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready(("test", "prod"))
        await fleet.release("a", "b")
        await fleet.release("a", "b", namespace="prod")
        await fleet.stage.rest(5)
        running = [
            (namespace, name)
            for namespace in ("test", "prod")
            for name in ("a", "b")
            if fleet.stage.phase(name, namespace) == "Progressing"
        ]
        assert len(running) == 2
        assert {namespace for namespace, _ in running} == {"test", "prod"}

    fleet(Settings(max_runs_per_namespace=1), play, names=("a", "b"))


def test_a_restart_keeps_runs_and_places() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready()
        for name in ("d", "c", "b", "a"):
            await fleet.release(name)
            await fleet.stage.rest(1)
        for _ in range(3):
            await fleet.stage.rest(50)
            await fleet.stage.stop()
            fleet.stage.start()
        await fleet.stage.until(lambda: fleet.phases() == {"Succeeded"})
        fleet.follow()
        assert (fleet.started, fleet.most) == (["d", "c", "b", "a"], 1)

    fleet(Settings(max_runs=1), play)


def test_a_suspended_canary_holds_nobody_up() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready()
        await fleet.release("a", "b", "c")
        await fleet.stage.rest(1)
        queued = [name for name in "abc" if condition(fleet, name)]
        await fleet.stage.patch(CANARIES, queued[0], {"spec": {"suspend": True}})
        others = [name for name in "abc" if name != queued[0]]
        await fleet.stage.until(
            lambda: all(fleet.stage.phase(name) == "Succeeded" for name in others)
        )
        assert fleet.stage.phase(queued[0]) == "Initialized"
        assert not condition(fleet, queued[0])
        await fleet.stage.patch(CANARIES, queued[0], {"spec": {"suspend": False}})
        await fleet.stage.until(lambda: fleet.stage.phase(queued[0]) == "Succeeded")

    fleet(Settings(max_runs=1), play)


def test_waiting_costs_no_request() -> None:
    async def play(fleet: Fleet) -> None:
        await fleet.ready()
        fleet.stage.prometheus.delay = 100_000.0
        await fleet.release("a", "b", "c", "d")
        await fleet.stage.rest(300)
        audit = fleet.stage.cluster.server.audit
        before = len(audit)
        await fleet.stage.rest(3600)
        ours = [e for e in audit[before:] if e.user == "canary-engine" and "watch" not in e.query]
        assert ours == []

    fleet(Settings(max_runs=1), play)
