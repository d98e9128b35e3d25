"""Our own recordings of the real Flagger 1.44: the same manifests, and what we do with them."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from canary import virtualtime
from e2e.differences import differences
from e2e.record.scenes import SCENARIOS
from tests.transcripts import recorded, taken, takes
from tests.transcripts.deviations import ANY, DEVIATIONS, Deviation

NAMES = sorted(file.stem for file in takes.DATA.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_as_recorded(name: str) -> None:
    """States, texts, queries, calls, alerts and objects, but for what a deviation says."""
    played = virtualtime.run(taken.play(name))
    change = DEVIATIONS.get(name, Deviation(""))
    aspects = (_states, _texts, _queries, _calls, _payloads, _alerts)
    pairs = {aspect.__name__.strip("_"): aspect(played, change) for aspect in aspects}
    found = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    assert found == {}, "\n".join(_told(found))
    assert dict(_fields(played, "objectsInitialized", change)) == {}
    assert dict(_fields(played, "objectsFinal", change)) == {}


def _told(found: dict[str, tuple[list[Any], list[Any]]]) -> Iterator[str]:
    for aspect, (theirs, ours) in found.items():
        yield f"{aspect}: expected, and ours"
        yield from (f"  - {one}" for one in theirs)
        yield from (f"  + {one}" for one in ours)


Pair = tuple[list[Any], list[Any]]


def _instead(theirs: list[Any], change: tuple[int, tuple[Any, ...]] | None) -> list[Any]:
    """What is expected where ``change`` says how many are kept, and what follows."""
    return theirs if change is None else [*theirs[: change[0]], *change[1]]


def _states(played: taken.Played, change: Deviation) -> Pair:
    """Phases, weights, iterations, failed checks and splits, from the trigger on."""
    return _instead(takes.states(played.recording), change.states), played.states


def _texts(played: taken.Played, change: Deviation) -> Pair:
    """Everything that is told, in order; a wait once, however many ticks it lasts (design)."""
    expected = _instead(takes.told(played.recording["told"]), change.told)
    names = {"PRIMARY": f"app-primary.{played.name}", "APP": f"app.{played.name}"}
    for placeholder, name in names.items():
        expected = [text.replace(placeholder, name) for text in expected]
    return expected, takes.told(played.told)


def _queries(played: taken.Played, change: Deviation) -> Pair:
    """Queries and how often each was asked."""
    wanted = played.recording["metricQueries"]
    if change.queries is not None:
        wanted = dict.fromkeys(wanted, change.queries)
    return sorted(wanted.items()), sorted(Counter(played.queries).items())


def _calls(played: taken.Played, change: Deviation) -> Pair:
    """Webhooks but for those of events: order, answers and phases."""
    theirs = [
        (call["hook"], call["code"], call["payload"]["phase"]) for call in _gates(played.recording)
    ]
    return _instead(theirs, change.hooks), [call[:3] for call in played.calls]


def _gates(recording: dict[str, Any]) -> list[dict[str, Any]]:
    return [call for call in recording["hookCalls"] if "event" not in call["hook"]]


def _payloads(played: taken.Played, change: Deviation) -> Pair:
    """What each hook was sent, less phases and checksums (D8)."""

    def rest(payload: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in payload.items() if key not in ("checksum", "phase")}

    theirs = {call["hook"]: rest(call["payload"]) for call in _gates(played.recording)}
    ours = {hook: rest(payload) for hook, _, _, payload in played.calls}
    return sorted(theirs.items()), sorted(ours.items())


def _alerts(played: taken.Played, change: Deviation) -> Pair:
    """Receivers and bodies, less what ours say beyond Flagger's: revision, metric, value and limit,
    a colour for each severity (notifications 7.12 and 7.17) and a name of our own. One for each
    wait (D27)."""
    theirs = {takes.alert(a["path"], a["body"]) for a in played.recording["alerts"]}
    return sorted(theirs), sorted(takes.alert(*one) for one in played.alerts)


def _fields(played: taken.Played, when: str, change: Deviation) -> Iterator[tuple[str, Any]]:
    """Fields that differ otherwise than they are meant to: what is there, or what isn't."""
    last = when == "objectsFinal"
    ours, theirs = (played.final if last else played.initialized), played.recording[when]
    for key in sorted({*ours, *theirs}):
        if key not in theirs:
            if not (last and key in change.left):
                yield key, "only ours"
        elif key not in ours:
            yield key, "only theirs"
        else:
            yield from _differing(key, theirs[key], ours[key], change)


def _differing(key: str, theirs: Any, ours: Any, change: Deviation) -> Iterator[tuple[str, Any]]:
    if key.startswith("Canary/"):
        pair = ({"status": recorded.status_of(one)} for one in (theirs, ours))
    else:
        pair = (one for one in (takes.expected(key, theirs), takes.normal(ours)))
    for one in differences(key, *pair):
        meant = change.fields.get(f"{key} {'.'.join(one.path)}", one.theirs)
        if meant not in (ANY, one.ours):
            yield f"{key} {'.'.join(one.path)}", f"{one.theirs!r} -> {one.ours!r}"


def test_every_scenario_is_recorded() -> None:
    """As it is declared now: an edit asks for another recording."""
    assert set(SCENARIOS) == set(NAMES)
    for name, scenario in SCENARIOS.items():
        recording = takes.load(name)
        told = (scenario.trigger, scenario.answers, scenario.hooks, scenario.ends)
        parts = ("trigger", "answers", "hooks", "ends")
        wanted = json.loads(json.dumps(dict(zip(parts, told, strict=True))))
        assert {part: recording[part] for part in parts} == wanted, name
        applied = json.dumps(list(scenario.applied)).replace("NAMESPACE", name)
        found = copy.deepcopy(recording["applied"])
        for manifest in found:
            assert manifest["metadata"].pop("namespace") == name
        assert found == json.loads(applied), name


def test_every_deviation_is_of_a_recording() -> None:
    assert set(DEVIATIONS) <= set(NAMES)
