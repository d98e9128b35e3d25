"""Taking over what Flagger left: its status becomes a record, once.

The live route wins over the status, and nothing that serves is touched: no pod restarts, no weight
moves and no run starts because the controller was exchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from canary.rollout import texts
from canary.rollout.observed import Absent, Present, Unknown
from canary.rollout.plan import Step, step_at
from canary.rollout.record import Record, Revision, Run
from canary.rollout.runcodec import moment
from canary.rollout.stage import Stage
from canary.rollout.view import Now
from canary.rollout.world import ROUTE_KIND_MISSING, World
from providers.interface import Affinity


def adopt(
    status: Mapping[str, Any],
    world: World,
    steps: tuple[Step, ...],
    now: Now,
    before: Record | None = None,
) -> Record | Unknown:
    """The record that ``status`` and the live objects amount to.

    ``before`` is our own record where the seal was broken: its counters go on. Unknown while the
    world can't be seen well enough to decide.
    """
    phase = str(status.get("phase") or "")
    # Announcements are known by their numbers. What a former record counted is lost with it, and
    # it went on more slowly than seconds do.
    blank = _unasked(world, int(now.wall.timestamp()) if phase else 0)
    if before:
        blank = replace(
            Record(),
            heard=before.heard,
            seq=before.seq,
            epoch=before.epoch,
            adoptions=before.adoptions + 1,
            runs=before.runs,
            outbox=before.outbox,
        )
    if phase in ("", "Initializing", "Terminated"):
        return blank
    for part in (world.target, world.primary, world.route):
        if isinstance(part, Unknown):
            return part
    for problem in world.problems:
        if problem.reason == ROUTE_KIND_MISSING and not world.deleted:
            # Nothing shows what users are served; to whoever leaves it doesn't matter.
            return Unknown(problem.text)
    if not isinstance(world.target, Present) or not isinstance(world.primary, Present):
        # Nothing to compare with: initialisation rebuilds, and never scales a serving pod down.
        return blank
    live = world.target.value.revision
    if not isinstance(live, Present):
        return Unknown(live.why)
    return _imported(blank, Stage(phase), status, world, live.value, steps, now)


def _unasked(world: World, seq: int) -> Record:
    """A first record, whose announcements are counted from ``seq``. What stands in the annotation
    may have been done long ago: whoever means it asks again."""
    request, record = world.request, Record(seq=seq)
    if request is None:
        return record
    text = texts.declined(request.action or "a request", "it is older than this takeover")
    return replace(record, heard=request.token).say(text, warning=True)


def _imported(
    blank: Record,
    stage: Stage,
    status: Mapping[str, Any],
    world: World,
    live: Revision,
    steps: tuple[Step, ...],
    now: Now,
) -> Record:
    """The record for a Canary whose target and primary both exist."""
    serving = _serving(world, live, status)
    weight = world.route.value.weight if isinstance(world.route, Present) else 0
    record = replace(
        blank, stage=stage, weight=weight, applied=serving, promoted=serving, primary=serving
    )
    mirror = isinstance(world.route, Present) and world.route.value.mirror
    record = replace(
        record,
        mirror=mirror and stage.running,
        affinity=_cookies(status, weight),
        metrics_checked=True,
        traffic_ended=_ended(status, weight, now),
        reason=f"taken over in phase {stage.value}",
    )
    if stage is Stage.FAILED:
        fresh = isinstance(world.target, Present) and world.target.value.fresh
        return record if fresh else replace(record, applied=live)
    if stage.idle:
        return replace(record, weight=0)
    revision = serving if stage in (Stage.PROMOTING, Stage.FINALISING) else live
    step = _step(steps, stage, weight, mirror, int(status.get("iterations") or 0))
    run = Run(
        revision,
        blank.runs + 1,
        step=step,
        iteration=steps[step].iteration if step >= 0 else 0,
        tested=step >= 0 and steps[step].tested,
        failed_checks=int(status.get("failedChecks") or 0),
        started=now.wall,
        waiting_since=now.wall,
        quiet_since=record.traffic_ended,
        imported=True,
    )
    return replace(record, run=run, applied=revision, runs=run.attempt)


def _step(steps: tuple[Step, ...], stage: Stage, weight: int, mirror: bool, iterations: int) -> int:
    """The step that Flagger had reached.

    Iterations are those of its status, but for a gate that is closed: there Flagger counts one back
    (D18), and all traffic on a Blue/Green canary says that it had switched.
    """
    last = len(steps) - 1
    if steps[0].iteration:
        if steps[last].guarded and (weight == 100 or iterations > steps[last - 1].iteration):
            return last
        waits = stage is Stage.WAITING_PROMOTION
        return min(iterations + waits, last + 1 - steps[last].guarded) - 1
    return 0 if steps[0].mirror and mirror and weight == 0 else step_at(steps, weight)


def _ended(status: Mapping[str, Any], weight: int, now: Now) -> datetime | None:
    """When a canary without traffic may have lost it: Flagger keeps no record of that, but it has
    written its status since (S5)."""
    if weight > 0:
        return None
    return min(moment(str(status.get("lastTransitionTime") or "")) or now.wall, now.wall)


def _cookies(status: Mapping[str, Any], weight: int) -> Affinity:
    """The session cookies that users have from Flagger."""
    primary = str(status.get("primarySessionAffinityCookie") or "")
    return Affinity(
        canary=str(status.get("sessionAffinityCookie") or ""),
        primary=primary if weight > 0 and not primary.startswith("=") else "",
        previous=str(status.get("previousSessionAffinityCookie") or ""),
    )


def _serving(world: World, live: Revision, status: Mapping[str, Any]) -> Revision:
    """The revision that the primary runs.

    The target's when the primary is its copy (D8: Flagger's hash can't be compared, the objects
    can); else the primary's own template, so that the target counts as a change. Which data it
    serves is what Flagger tracked.
    """
    if not isinstance(world.primary, Present) or isinstance(world.target, (Absent, Unknown)):
        raise AssertionError("adopt() compares existing workloads only")
    tracked = status.get("trackedConfigs")
    configs = {str(k): str(v) for k, v in tracked.items()} if isinstance(tracked, Mapping) else None
    if world.target.value.same_as_primary:
        known = live.configs if configs is None else configs
        return Revision(live.template, known, live.uid, live.generation)
    return Revision(world.primary.value.digest, configs or {})
