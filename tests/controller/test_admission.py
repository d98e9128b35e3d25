"""Whose turn it is: first come, first served, within the limits, and safe over restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from canary.controller.admission import Admission
from canary.controller.indexes import BY_FLIGHT, flight_index
from canary.controller.settings import Settings
from canary.kube.resources import CANARIES, Key
from canary.kube.store import Store
from canary.rollout.decide import Decision
from canary.rollout.record import Record, Revision
from canary.rollout.stage import Stage
from canary.rollout.status import present
from canary.rollout.turn import Turn
from canary.rollout.verdict import Hold, Queue, Start, Verdict
from canary.rollout.view import Held

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Cluster:
    """Cached Canaries, and an admission that reads them."""

    def __init__(self, total: int = 0, here: int = 0) -> None:
        self.store = Store()
        self.store.add_index(BY_FLIGHT, flight_index)
        self.version = 0
        self.woken: list[str] = []
        settings = Settings(max_runs=total, max_runs_per_namespace=here)
        self.shown: list[dict[str, int]] = []
        self.admission = Admission(
            self,  # type: ignore[arg-type]
            settings,
            lambda key: self.woken.append(key.name),
            lambda counts: self.shown.append(dict(counts)),
        )
        self.store.listen(lambda key, old, new: self.admission.changed(old, new))

    def everywhere(self, resource: object) -> list[Store]:
        assert resource == CANARIES
        return [self.store]

    def put(self, name: str, stage: Stage, queued: float | None = None, namespace: str = "a"):
        """A Canary as the cache shows it; ``queued`` so many seconds after noon."""
        self.version += 1
        since = None if queued is None else NOON + timedelta(seconds=queued)
        record = Record(stage=stage, queued=since)
        meta = {"name": name, "namespace": namespace, "resourceVersion": str(self.version)}
        self.store.put({"metadata": meta, "status": present(record, "Deployment", {}, NOON)})

    def turn(
        self,
        name: str,
        queued: float | None = None,
        namespace: str = "a",
        stage: Stage = Stage.SUCCEEDED,
    ) -> Turn | None:
        since = None if queued is None else NOON + timedelta(seconds=queued)
        record = Record(stage=stage, queued=since)
        return self.admission.turn(Key(namespace, name), record)

    def decided(self, name: str, verdict: Verdict, record: Record | None = None) -> None:
        parts: dict[str, Any] = {"rule": "", "asks": frozenset(), "wake_at": None, "frozen": False}
        decision = Decision(record or Record(), verdict, held=Held(), **parts)
        self.admission.decided(Key("a", name), decision)


START = Start("new", Revision("e1"))


def test_without_a_limit_there_is_no_turn_and_no_queue() -> None:
    cluster = Cluster()
    cluster.put("one", Stage.PROGRESSING)
    # A queue from the time before the limit was taken back.
    cluster.put("three", Stage.SUCCEEDED, queued=1)
    assert cluster.turn("two") is None
    assert (cluster.shown, cluster.woken) == ([], [])


def test_whoever_would_start_a_run_needs_a_turn_and_nobody_else() -> None:
    cluster = Cluster(total=1)
    cluster.put("one", Stage.PROGRESSING)
    limited = [stage for stage in Stage if cluster.turn("two", stage=stage) is not None]
    # Waiting is for the approval of a rollout that has yet to begin.
    assert limited == [Stage.INITIALIZED, Stage.WAITING, Stage.SUCCEEDED, Stage.FAILED]


def test_runs_in_every_stage_of_flight_count() -> None:
    for stage in Stage:
        cluster = Cluster(total=1)
        cluster.put("one", stage)
        turn = cluster.turn("two")
        assert turn is not None
        assert turn.free is not stage.running


def test_the_limits_are_of_all_and_of_a_namespace() -> None:
    cluster = Cluster(total=3, here=1)
    cluster.put("one", Stage.PROGRESSING, namespace="a")
    assert cluster.turn("two") == Turn(False, 1, "1 run at a time in namespace a")
    assert cluster.turn("two", namespace="b") == Turn()
    cluster.put("two", Stage.FINALISING, namespace="b")
    cluster.put("three", Stage.PROMOTING, namespace="c")
    assert cluster.turn("four", namespace="d") == Turn(False, 1, "3 runs at a time")


def test_the_limit_of_a_namespace_needs_none_of_all() -> None:
    cluster = Cluster(here=1)
    cluster.put("one", Stage.PROGRESSING)
    assert cluster.turn("two") == Turn(False, 1, "1 run at a time in namespace a")


def test_a_place_is_told_among_those_who_wait_for_the_same() -> None:
    # Where its own namespace is full, nobody of another one stands in the way.
    cluster = Cluster(here=1)
    for namespace in "ab":
        cluster.put(f"runs-{namespace}", Stage.PROGRESSING, namespace=namespace)
    cluster.put("first", Stage.SUCCEEDED, queued=1, namespace="b")
    assert cluster.turn("second", 2) == Turn(False, 1, "1 run at a time in namespace a")
    # Where all places are taken, everybody does; with a limit for each namespace and without.
    for here in (0, 1):
        cluster = Cluster(total=1, here=here)
        cluster.put("runs", Stage.PROGRESSING, namespace="c")
        cluster.put("first", Stage.SUCCEEDED, queued=1, namespace="b")
        assert cluster.turn("second", 2) == Turn(False, 2, "1 run at a time")


def test_first_come_first_served_then_by_name() -> None:
    cluster = Cluster(total=1)
    cluster.put("runs", Stage.PROGRESSING)
    for name, since in (("late", 9.0), ("b", 5.0), ("a", 5.0)):
        cluster.put(name, Stage.SUCCEEDED, queued=since)
    places = {name: cluster.turn(name, since) for name, since in (("a", 5), ("b", 5), ("late", 9))}
    assert [turn.place for turn in places.values() if turn] == [1, 2, 3]
    newcomer = cluster.turn("new")
    assert newcomer is not None
    assert newcomer.place == 4


def test_a_free_place_is_the_first_ones_though_another_asks_first() -> None:
    cluster = Cluster(total=1)
    cluster.put("first", Stage.SUCCEEDED, queued=1)
    assert cluster.turn("new") == Turn(False, 2, "1 run at a time")
    assert cluster.turn("first", 1) == Turn()


def test_who_waits_for_a_namespace_keeps_nobody_of_another_from_starting() -> None:
    cluster = Cluster(total=2, here=1)
    cluster.put("runs", Stage.PROGRESSING)
    cluster.put("first", Stage.SUCCEEDED, queued=1)
    assert cluster.turn("other", 2, namespace="b") == Turn()
    assert cluster.turn("second", 2) == Turn(False, 2, "1 run at a time in namespace a")


def test_a_start_counts_before_the_cache_shows_it() -> None:
    cluster = Cluster(total=1)
    cluster.decided("one", START)
    assert cluster.turn("two") == Turn(False, 1, "1 run at a time")
    # It doesn't stand in its own way when it has to be decided once more.
    assert cluster.turn("one") == Turn()
    cluster.put("one", Stage.PROGRESSING)
    cluster.decided("one", Hold("runs"))
    assert cluster.turn("two") == Turn(False, 1, "1 run at a time")


def test_a_start_that_can_not_be_recorded_makes_room_and_wakes() -> None:
    cluster = Cluster(total=1)
    cluster.put("two", Stage.SUCCEEDED, queued=1)
    cluster.decided("one", START)
    cluster.woken.clear()
    cluster.admission.withdrawn(Key("a", "one"))
    assert cluster.woken == ["two"]
    assert cluster.turn("two", 1) == Turn()
    # One that had not started, and is gone, makes no room.
    cluster.admission.withdrawn(Key("a", "three"))
    assert cluster.woken == ["two"]


def test_an_end_wakes_the_queue_in_its_order_and_nothing_else_does() -> None:
    cluster = Cluster(total=1)
    cluster.put("runs", Stage.PROGRESSING)
    cluster.put("late", Stage.SUCCEEDED, queued=2)
    cluster.put("early", Stage.SUCCEEDED, queued=1)
    cluster.woken.clear()
    cluster.put("runs", Stage.PROMOTING)
    cluster.put("bystander", Stage.SUCCEEDED)
    assert cluster.woken == []
    cluster.put("runs", Stage.FAILED)
    assert cluster.woken == ["early", "late"]


def test_nobody_waits_for_one_that_can_not_be_seen() -> None:
    cluster = Cluster(total=1)
    cluster.put("first", Stage.SUCCEEDED, queued=1)
    cluster.put("second", Stage.SUCCEEDED, queued=2)
    assert cluster.turn("second", 2) == Turn(False, 2, "1 run at a time")
    cluster.woken.clear()
    queued = replace(Record(), queued=NOON)
    # One that isn't in the queue stands in nobody's way.
    cluster.decided("third", Hold("a digest is being read", blind=True))
    assert cluster.woken == []
    for _ in range(3):
        cluster.decided("first", Hold("a digest is being read", blind=True), queued)
    assert cluster.woken == ["second"]
    assert cluster.turn("second", 2) == Turn()
    cluster.decided("first", Queue("place 1", text="queued"), queued)
    assert cluster.turn("second", 2) == Turn(False, 2, "1 run at a time")


def test_a_damaged_record_is_nobodys_place() -> None:
    cluster = Cluster(total=1)
    meta = {"name": "odd", "namespace": "a", "resourceVersion": "7"}
    for engine in ({"queued": 5}, {"queued": "soon"}, {"queued": "2026-01-01T00:00:00"}, "x", None):
        cluster.store.put({"metadata": meta, "status": {"engine": engine}})
        assert cluster.turn("new") == Turn()


members = st.lists(
    st.tuples(st.sampled_from("ab"), st.booleans(), st.integers(0, 3)), min_size=1, max_size=8
)


@given(members, st.integers(0, 3), st.integers(0, 3))
def test_the_limits_hold_and_no_place_stays_empty(
    found: list[tuple[str, bool, int]], total: int, here: int
) -> None:
    """Whoever is free starts, until nobody is: then the limits are kept, and used up."""
    cluster = Cluster(total, here)
    for number, (namespace, runs, since) in enumerate(found):
        stage = Stage.PROGRESSING if runs else Stage.SUCCEEDED
        cluster.put(f"c{number}", stage, None if runs else since, namespace)
    before = {ns: sum(runs for n, runs, _ in found if n == ns) for ns in "ab"}
    running, waiting = dict(before), [(s, n, f"c{i}") for i, (n, r, s) in enumerate(found) if not r]
    for since, namespace, name in sorted(waiting):
        turn = cluster.turn(name, since, namespace)
        full = (total and sum(running.values()) >= total) or (here and running[namespace] >= here)
        assert (turn is None or turn.free) is not bool(full)
        if not full:
            cluster.put(name, Stage.PROGRESSING, None, namespace)
            running[namespace] += 1
