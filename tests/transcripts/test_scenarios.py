"""Whole rollouts against the timelines of Flagger 1.44."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from canary import virtualtime
from tests.rig.chat import NOTIFIED
from tests.rig.stage import Stage
from tests.transcripts.played import SCENARIOS
from tests.transcripts.rows import Row, differences, merged, parse
from tests.transcripts.script import Script

SAID_ONCE = {
    # analysis 12.25
    "N all the metrics providers are available!",
    # operations 16.13
    "N skipping canary run as object is suspended",
}

DATA = yaml.safe_load((Path(__file__).parent / "data" / "rows.yaml").read_text())


def expected(name: str) -> list[Row]:
    """Flagger's rows as far as they are kept, and what is required after them."""
    scenario = SCENARIOS[name]
    kept = [text for text in _rows(name) if _number(text) <= scenario.upto]
    rows, before, said = [], None, set()
    for text in (*kept, *scenario.then):
        row = parse(_changed(text, scenario.instead))
        if row is None:
            continue
        number = _number(text)
        gap = before is not None and number > before + 1
        before = number or None
        events = tuple(e for e in row.events if not (e in SAID_ONCE and e in said))
        said |= set(events)
        rows.append(replace(row, events=events, gap=gap))
    return merged(rows)


def _rows(name: str) -> list[str]:
    """Flagger's rows of a scenario."""
    found: list[str] = DATA.get(SCENARIOS[name].of or name) or []
    return found


def _changed(text: str, instead: Mapping[str, str]) -> str:
    """A row with the texts of ours in place of Flagger's."""
    for theirs, ours in instead.items():
        text = text.replace(theirs, ours)
    return text


def _number(text: str) -> int:
    cell = text.strip("|").split("|")[0]
    return int(cell) if cell.isdigit() else 0


def told(stage: Stage, rows: list[Row]) -> None:
    """What the record announced has reached the cluster and the chat, each alert once."""
    events = {f"{kind[0]} {text}" for kind, text in stage.events()}
    assert {text for row in rows for text in row.events} <= events
    alerts = [text.partition("] ")[2] for row in rows for text in row.alerts]
    assert stage.chat.texts() == alerts


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_timeline(name: str) -> None:
    scenario = SCENARIOS[name]

    async def play() -> list[Row]:
        stage = Stage(behaves=scenario.behaves, settings=NOTIFIED)
        script = Script(stage)
        try:
            await scenario.play(script)
            rows = script.rows()
            told(stage, rows)
            return rows
        finally:
            await stage.down()

    actual = virtualtime.run(play())
    difference = differences(expected(name), actual)
    assert not difference, f"{name}\n{difference}"


def test_every_scenario_of_the_data_is_played() -> None:
    elsewhere = {"start", "S27", "S40", "S70", "S75"}
    assert set(DATA) - elsewhere <= set(SCENARIOS)


def test_each_deviation_cites_its_reason() -> None:
    for name, scenario in SCENARIOS.items():
        shortened = scenario.upto < 99 or (scenario.then and not _rows(name)) or scenario.instead
        if shortened:
            assert scenario.cites or name in ("S38",), name


def test_each_text_that_is_told_otherwise_stands_in_a_row() -> None:
    """One that fits nowhere would hide that the rows are met as they are."""
    for name, scenario in SCENARIOS.items():
        rows = "\n".join(_rows(name))
        assert [text for text in scenario.instead if text not in rows] == [], name
