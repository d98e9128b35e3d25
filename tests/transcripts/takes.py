"""What our own recordings of Flagger 1.44 hold (``python -m e2e.record``), to be compared."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.transcripts import recorded

DATA = Path(__file__).parent / "data" / "takes"


def load(name: str) -> dict[str, Any]:
    """One recording."""
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return found


def states(recording: Mapping[str, Any]) -> list[recorded.State]:
    """The states from the trigger on, each once; a split that mirrors ends in ``/yes``."""
    found: list[recorded.State] = []
    for entry in recording["timeline"]:
        if "phase" not in entry:
            continue
        split, weight = _split(entry), entry["canaryWeight"]
        if entry["iterations"] and split != "-":
            # D17: the weight of record is that of the route, in an A/B test too.
            weight = int(split.split("/")[1])
        state = (entry["phase"], weight, max(entry["iterations"], 0), entry["failedChecks"], split)
        if not found or found[-1] != state:
            found.append(state)
    return found


def conditions(entries: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """What the condition ``Promoted`` says in each phase: phase, status and reason."""
    found = {
        (entry["phase"], status, reason)
        for entry in entries
        if "phase" in entry
        for kind, status, reason in entry["conditions"]
        if kind == "Promoted"
    }
    return sorted(found)


def _split(entry: Mapping[str, Any]) -> str:
    routes = {key: value for key, value in entry.items() if key.startswith("route ")}
    for route in routes.values():
        if "canary-weight" in route:
            tested = any(key.startswith("canary-by-") for key in route)
            weight = 100 if tested else int(route["canary-weight"])
            return f"{100 - weight}/{weight}"
    rules = [rule for route in routes.values() for rule in route if len(rule) > 1]
    if not rules:
        return "-"
    mirrors = any(key.startswith("mirror ") for key in entry)
    # The rule for those who bear a cookie comes first; the weighted one comes after it.
    return "/".join(str(weight) for _, weight in rules[-1]) + ("/yes" if mirrors else "")


def calls(
    recording: Mapping[str, Any], *, events: bool = False
) -> list[tuple[str, int, dict[str, Any]]]:
    """Hook, answer and payload of each call of a webhook for events, or of each other."""
    return [
        (call["hook"], call["code"], call["payload"])
        for call in recording["hookCalls"]
        if ("event" in call["hook"]) is events
    ]


def heralded(calls: Iterable[tuple[str, int, Mapping[str, Any]]]) -> list[str]:
    """What event hooks were sent, each message as ``told`` has it, with what else came along."""
    every = [payload for _, _, payload in calls]
    lines = told((p["metadata"]["eventType"], p["metadata"]["eventMessage"]) for p in every)
    more = ("eventMessage", "eventType", "timestamp")
    rest = [
        {
            **{key: value for key, value in payload.items() if key not in ("checksum", "phase")},
            "metadata": {k: v for k, v in payload["metadata"].items() if k not in more},
        }
        for payload in every
    ]
    return [*lines, *sorted({json.dumps(one, sort_keys=True) for one in rest})]


def told(events: Iterable[Iterable[str]]) -> list[str]:
    """What was told, as ``N text`` or ``W text``.

    Which pods a wait waits for depends on when one looks. A wait stands here once (D27), as does
    what is found out at each tick of an initialization (analysis 12.25).
    """
    found: list[str] = []
    for kind, text in events:
        line = " ".join((kind[0], recorded.told(kind, text)[1]))
        waits = " not ready" in line or " waiting for " in line
        if not (waits and line in found[-1:]) and not (_ONLINE in line and line in found):
            found.append(line)
    return found


def alert(path: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """Address and body of a message, less what ours say beyond Flagger's."""
    found = _without_more(copy.deepcopy(dict(body)))
    text = _COLOUR.sub("", json.dumps(found, sort_keys=True))
    return path, text.replace("canary-engine", "Flagger")


_ONLINE = "all the metrics providers are available!"
_MORE = ("Revision", "Metric", "Value", "Limit")
_COLOUR = re.compile(
    r'("(?:themeColor|color)": "(?:#?(?:0076D7|FFA500|FF0000)|good|warning|danger)"'
    r'|color=#(?:848484|FFA500|FF0000)|, "imageUrl": "https://flagger.app/favicon.png"'
    r'|"imageUrl": "https://flagger.app/favicon.png", )'
)


def _without_more(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_more(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_more(item) for item in value if not _more(item)]
    return value


def _more(item: Any) -> bool:
    """Whether it is one of our own fields, in any chat's form."""
    if not isinstance(item, dict):
        return False
    if "widgets" in item:
        text = item["widgets"][0]["textParagraph"]["text"]
        return text.partition("<br>")[0] in _MORE and "<br>" in text
    return (item.get("title") or item.get("name")) in _MORE and "value" in item


def normal(obj: Mapping[str, Any]) -> dict[str, Any]:
    """As ``recorded.normal``; ports that were discovered come in the order of a map."""
    found = recorded.normal(dict(obj))
    annotations = found["metadata"].get("annotations") or {}
    annotations.pop("deprecated.daemonset.template.generation", None)
    if not annotations:
        found["metadata"].pop("annotations", None)
    if "ports" in (found.get("spec") or {}):
        found["spec"]["ports"].sort(key=lambda port: str(port["name"]))
    return found


def expected(key: str, obj: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded object as we mean to have it."""
    return normal(recorded.expected(key, dict(obj)))
