"""``canary wait``: until a rollout ends, for pipelines. The exit codes are in its ``--help``."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from dataclasses import dataclass, field

from analysis.duration import DurationError, parse
from canary.cli.failure import CommandFailed, UsageFault
from canary.cli.following import following
from canary.cli.outcome import End, Ending, ending
from canary.cli.parts import parts
from canary.cli.session import Session
from canary.cli.standing import Standing, standing
from canary.cli.terminal import plain
from canary.kube.errors import ApiError, Unreachable
from canary.kube.resources import CANARIES, Key, Obj
from canary.rollout.observed import Observed, Unknown

MET, OTHERWISE, TIMED_OUT, HELD = 0, 1, 3, 4

PATIENCE = 30.0
"""Seconds that something may hold the Canary before a person has to act: what is applied together
arrives one after the other."""

RETRY = 5.0
"""Seconds between looks where no change tells of the target."""

_TICK = 0.01
"""Seconds: rounding must not make a wait that never passes."""


@dataclass(slots=True)
class _Watch:
    """What was told last, and since when the Canary is held (loop time)."""

    told: tuple[str, ...] = ()
    held_since: float | None = None
    held_for: str = ""
    last: Ending = field(default_factory=lambda: Ending(None, ""))


async def run(session: Session, options: Namespace) -> int:
    """Wait; gives the exit code."""
    timeout = _seconds(options.timeout)
    obj: Obj = await session.canary(options.name)
    now = asyncio.get_running_loop().time
    end, watch, key = now() + timeout, _Watch(), Key(session.namespace, options.name)
    async with following(session.client, CANARIES, session.namespace, only=key) as found:
        while True:
            code = await _look(session, options, obj, watch, now())
            if code is not None:
                return code
            if now() >= end:
                return _timed_out(session, options, watch)
            held_until = end if watch.held_since is None else watch.held_since + PATIENCE
            change = await found.change(max(_TICK, min(end, held_until, now() + RETRY) - now()))
            if change and change[1] is None:
                raise CommandFailed(f"Canary {key} was deleted")
            obj = found.store.get(key) or obj


def _seconds(text: str) -> float:
    try:
        found = parse(text)
    except DurationError as error:
        raise UsageFault(f"--timeout {text!r}: accepted is a duration such as 90s or 1h") from error
    if found < 0:
        raise UsageFault(f"--timeout {text!r}: accepted is 0 or more")
    return found


async def _look(
    session: Session, options: Namespace, obj: Obj, watch: _Watch, now: float
) -> int | None:
    """Tell what is new; the exit code if the wait is over."""
    at = standing(obj)
    if obj["metadata"].get("deletionTimestamp"):
        raise CommandFailed(f"Canary {at.name}.{at.namespace} is being deleted")
    _progress(session, at, watch)
    try:
        target, primary = await _workloads(session, obj, at)
        watch.last = ending(at, target, primary)
    except (ApiError, Unreachable) as error:
        # An outage is waited out: what can't be seen has not ended.
        watch.last = Ending(None, f"the workloads can't be looked at: {error}")
    if watch.last.end is not None:
        return _over(session, options, at, watch.last)
    held = _held(at)
    if not held:
        watch.held_since = None
        return None
    watch.held_for = held
    watch.held_since = now if watch.held_since is None else watch.held_since
    if now - watch.held_since < PATIENCE:
        return None
    session.out.write(f"{_name(at)} is held: {held}")
    return HELD


async def _workloads(
    session: Session, obj: Obj, at: Standing
) -> tuple[Observed[Obj], Observed[Obj]]:
    if at.phase not in ("Initialized", "Succeeded", "Failed"):
        nothing = Unknown("not looked at in mid-rollout")
        return nothing, nothing
    found = await parts(session, obj, None)
    return found.target, found.primary


def _held(at: Standing) -> str:
    """Why nothing can move without a person; empty while the rollout goes its way."""
    if at.blocked is not None:
        return f"{at.blocked.message}; to do: {at.blocked.todo}"
    # Flagger asks its gates by itself; this engine can't yet.
    if at.record is not None and at.phase in ("Waiting", "WaitingPromotion"):
        return "it waits for an approval"
    return ""


def _over(session: Session, options: Namespace, at: Standing, found: Ending) -> int:
    end = found.end or End.FAILED
    because = f": {plain(found.because)}" if found.because else ""
    session.out.write(f"{_name(at)} {end.value}{because}")
    wanted = getattr(options, "for")
    return MET if wanted in ("idle", end.value) else OTHERWISE


def _timed_out(session: Session, options: Namespace, watch: _Watch) -> int:
    """A Canary that is held says so: that is what has to be mended."""
    held = watch.held_since is not None
    why = watch.held_for if held else watch.last.because
    session.out.write(
        f"gave up after {options.timeout}: {plain(why) or 'the rollout goes on'}; "
        f"{session.program} status {options.name} -n {session.namespace} tells more"
    )
    return HELD if held else TIMED_OUT


def _progress(session: Session, at: Standing, watch: _Watch) -> None:
    trouble = at.blocked.message if at.blocked else ""
    fields = (at.phase, str(at.weight), at.step, str(at.failed_checks), trouble or at.reason)
    if fields == watch.told:
        return
    watch.told = fields
    stamp = session.clock.now().strftime("%H:%M:%S")
    words = [stamp, at.phase or "not seen yet", f"weight {at.weight}"]
    words += [f"step {at.step}"] if at.step else []
    words += [f"failed checks {at.failed_checks}"] if at.failed_checks else []
    words += [trouble or at.reason] if trouble or at.reason else []
    session.out.write(plain("  ".join(words)))


def _name(at: Standing) -> str:
    return plain(f"{at.name}.{at.namespace}")
