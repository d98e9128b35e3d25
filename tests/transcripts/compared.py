"""Where what one of our recordings of Flagger holds and what this engine did differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from e2e.differences import differences
from tests.transcripts import recorded, takes
from tests.transcripts.deviation import ANY, Deviation

Pair = tuple[list[Any], list[Any]]


@dataclass(frozen=True)
class Outcome:
    """What this engine did: ``told`` are types and texts, ``heralds`` hook, answer and payload of
    webhooks for events, ``calls`` of all others, ``alerts`` paths and bodies."""

    states: list[recorded.State]
    told: list[tuple[str, str]]
    queries: Mapping[str, int]
    calls: list[tuple[str, int, dict[str, Any]]]
    heralds: list[tuple[str, int, dict[str, Any]]]
    alerts: list[tuple[str, dict[str, Any]]]
    initialized: Mapping[str, Any]
    final: Mapping[str, Any]
    conditions: list[tuple[str, ...]]


def compared(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> list[str]:
    """Every difference that ``change`` doesn't say, a line each."""
    found = []
    for aspect in (_states, _conditions, _texts, _queries, _calls, _payloads, _heralds, _alerts):
        expected, actual = aspect(recording, ours, change)
        if expected != actual:
            found.append(f"{aspect.__name__.strip('_')}: expected, and ours")
            found += [f"  - {one}" for one in expected]
            found += [f"  + {one}" for one in actual]
    for when, objects in (("objectsInitialized", ours.initialized), ("objectsFinal", ours.final)):
        left = change.left if when == "objectsFinal" else frozenset()
        found += [f"{when}: {one}" for one in _fields(recording[when], objects, left, change)]
    return found


def _instead(theirs: list[Any], change: tuple[int, tuple[Any, ...]] | None) -> list[Any]:
    """What is expected where ``change`` says how many are kept, and what follows."""
    return theirs if change is None else [*theirs[: change[0]], *change[1]]


def _states(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """Phases, weights, iterations, failed checks and splits, from the trigger on."""
    return _instead(takes.states(recording), change.states), ours.states


def _conditions(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """What ``Promoted`` says in each of Flagger's phases that are ours too."""
    theirs, phases = takes.conditions(recording["timeline"]), {state[0] for state in ours.states}
    known = {phase for phase, *_ in theirs}
    mine = [one for one in ours.conditions if one[0] in known]
    return [one for one in theirs if one[0] in phases], mine


def _texts(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """Everything that is told, in order; a wait once, however many ticks it lasts (design)."""
    expected = _instead(takes.told(recording["told"]), change.told)
    namespace = recording["scenario"]
    names = {"PRIMARY": f"app-primary.{namespace}", "APP": f"app.{namespace}"}
    for placeholder, name in names.items():
        expected = [text.replace(placeholder, name) for text in expected]
    return expected, takes.told(ours.told)


def _queries(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """Queries and how often each was asked."""
    wanted = dict(recording["metricQueries"])
    for theirs, mine in change.worded.items():
        wanted = {text.replace(theirs, mine): count for text, count in wanted.items()}
    if change.queries is not None:
        wanted = dict.fromkeys(wanted, change.queries)
    asked = ours.queries.items()
    known = [pair for pair in asked if pair[0] in wanted or not change.more_queries]
    return sorted(wanted.items()), sorted(known)


def _calls(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """Webhooks but for those of events: order, answers and phases."""
    theirs = [(hook, code, payload["phase"]) for hook, code, payload in takes.calls(recording)]
    mine = [(hook, code, payload["phase"]) for hook, code, payload in ours.calls]
    return _instead(theirs, change.hooks), mine


def _payloads(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """What each hook was sent, less phases and checksums (D8)."""

    def rest(payload: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in payload.items() if key not in ("checksum", "phase")}

    theirs = {hook: rest(payload) for hook, _, payload in takes.calls(recording)}
    mine = {hook: rest(payload) for hook, _, payload in ours.calls}
    return sorted(theirs.items()), sorted(mine.items())


def _heralds(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """What hooks for events were sent; their phases are those that an event reports
    (webhooks 8.15)."""
    return takes.heralded(takes.calls(recording, events=True)), takes.heralded(ours.heralds)


def _alerts(recording: Mapping[str, Any], ours: Outcome, change: Deviation) -> Pair:
    """Receivers and bodies, less what ours say beyond Flagger's: revision, metric, value and limit,
    a colour for each severity (notifications 7.12 and 7.17) and a name of our own. One for each
    wait (D27)."""
    theirs = {takes.alert(one["path"], one["body"]) for one in recording["alerts"]}
    return sorted(theirs), sorted(takes.alert(*one) for one in ours.alerts)


def _fields(
    theirs: Mapping[str, Any], ours: Mapping[str, Any], left: frozenset[str], change: Deviation
) -> Iterator[str]:
    """Objects and fields that differ otherwise than they are meant to."""
    for key in sorted({*ours, *theirs}):
        if key not in theirs:
            if key not in left:
                yield f"{key}: only ours"
        elif key not in ours:
            yield f"{key}: only theirs"
        else:
            yield from _differing(key, theirs[key], ours[key], change)


def _differing(key: str, theirs: Any, ours: Any, change: Deviation) -> Iterator[str]:
    if key.startswith("Canary/"):
        pair = [{"status": recorded.status_of(one)} for one in (theirs, ours)]
    else:
        pair = [takes.expected(key, theirs), takes.normal(ours)]
    for one in differences(key, *pair):
        path = f"{key} {'.'.join(one.path)}"
        if change.fields.get(path, one.theirs) not in (ANY, one.ours):
            yield f"{path}: {one.theirs!r} -> {one.ours!r}"
