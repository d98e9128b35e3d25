"""The page of known defects is whole, is what the code cites, and doesn't outlive the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from analysis.models import ProviderType
from canary.api.canary import parse
from canary.api.spec import Provider
from canary.api.support import METRIC_SOURCES, PROVIDERS, refusals

ROOT = Path(__file__).parents[2]
PACKAGES = ("canary", "analysis", "providers", "tests")
PAGES = (*sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md")

# lifecycle.md 16, providers.md 23, analysis.md 12, operations.md 16, webhooks.md 8,
# notifications.md 7: how many rows each list has. The last of Providers was found in a recording.
LENGTHS = {
    "Lifecycle": 46,
    "Providers": 49,
    "Analysis": 26,
    "Operations": 26,
    "Webhooks": 23,
    "Notifications": 17,
}

_LETTERED = re.compile(r"(?:\b(lifecycle|providers)(?:\.md)? )?\b(D\d+(?:(?:, | and )D\d+)*)\b")
_NUMBERED = re.compile(r"(?:\b(?:analysis|operations)(?:\.md)? |\()(12|16)\.(\d+)\b")
_WEBHOOKS = re.compile(r"\bwebhooks(?:\.md)? 8\.(\d+)\b")
_NOTIFICATIONS = re.compile(r"\bnotifications(?:\.md)? 7\.(\d+)\b")
_ROWS = re.compile(r"\b(12|16),? rows? (\d+(?:(?:, | and )\d+)*)")
_SECTIONS = {"12": "Analysis", "16": "Operations"}
_PATH = re.compile(r"`([\w./-]+?)(?:::(\w+))?`")
_SUFFIXES = (".py", ".md", ".yaml", ".json", ".toml")


class Row(NamedTuple):
    number: int
    engine: str
    where: str


def rows() -> dict[str, list[Row]]:
    """The rows of docs/defects.md by area."""
    found: dict[str, list[Row]] = {}
    area = ""
    for line in (ROOT / "docs" / "defects.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            area = line.removeprefix("## ")
            found[area] = []
        elif area and re.match(r"\| D?\d+ \|", line):
            number, _, engine, where = (cell.strip() for cell in line.strip("|").split(" | "))
            found[area].append(Row(int(number.strip("D |")), engine, where.strip("| ")))
    return found


def citations(text: str, home: str) -> Iterator[tuple[str, int]]:
    """(area, number) of each defect that ``text`` cites; ``home`` is the area of a bare ``D4``."""
    for area, numbers in _LETTERED.findall(text):
        for number in re.findall(r"\d+", numbers):
            yield (area.capitalize() or home, int(number))
    for section, numbers in (*_NUMBERED.findall(text), *_ROWS.findall(text)):
        for number in re.findall(r"\d+", numbers):
            yield (_SECTIONS[section], int(number))
    for number in _WEBHOOKS.findall(text):
        yield ("Webhooks", int(number))
    for number in _NOTIFICATIONS.findall(text):
        yield ("Notifications", int(number))


def home_of(path: Path) -> str:
    """A bare number is one of lifecycle, but of providers where providers are written or tested."""
    place = path.relative_to(ROOT).as_posix()
    return "Providers" if place.startswith(("providers/", "tests/providers/")) else "Lifecycle"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to shift (D13).", [("Lifecycle", 13)]),
        ("in peace (D7, D9): defect D23", [("Lifecycle", 7), ("Lifecycle", 9), ("Lifecycle", 23)]),
        ("(providers.md D24), D2 and D3", [("Providers", 24), ("Lifecycle", 2), ("Lifecycle", 3)]),
        ("(lifecycle D47)", [("Lifecycle", 47)]),
        ("as in analysis 12.3 and operations 16.13", [("Analysis", 3), ("Operations", 13)]),
        ("analysis.md 3, and 12 rows 2, 8 and 10", [("Analysis", n) for n in (2, 8, 10)]),
        ("(12.3) of operations.md 16, row 7", [("Analysis", 3), ("Operations", 7)]),
        ("as (webhooks 8.3), webhooks.md 8.12", [("Webhooks", 3), ("Webhooks", 12)]),
        ("(notifications 7.3), notifications.md 7.12", [("Notifications", n) for n in (3, 12)]),
        ("providers 24.2, webhooks.md 8, api.md 5.1, analysis.md 12, GRID4, D, S12", []),
    ],
)
def test_citations_are_found(text, found):
    assert list(citations(text, "Lifecycle")) == found


@pytest.mark.parametrize("area", LENGTHS)
def test_the_lists_are_whole(area):
    assert [row.number for row in rows()[area]] == list(range(1, LENGTHS[area] + 1))


def test_every_cited_defect_is_on_the_page():
    listed = {(area, row.number) for area, found in rows().items() for row in found}
    files = [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*"))
        if path.suffix in (".py", ".yaml", ".md") and path != Path(__file__)
    ]
    cited = {
        (path.relative_to(ROOT).as_posix(), place)
        for path in files
        for place in citations(path.read_text(encoding="utf-8"), home_of(path))
    }
    assert cited, "nothing cites a defect: the patterns no longer fit"
    assert [found for found in sorted(cited) if found[1] not in listed] == []


def test_every_defect_that_cannot_wait_names_its_place():
    nowhere = [
        (area, row.number)
        for area, found in rows().items()
        for row in found
        if row.where == "—" and "not yet: " not in row.engine
    ]
    assert nowhere == []


def refused_today() -> set[str]:
    """Fields, providers and metric sources that the engine refuses."""
    everything = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": {"name": "podinfo", "namespace": "test"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "podinfo"},
            "autoscalerRef": {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "name": "podinfo",
            },
            "revertOnDeletion": True,
            "service": {"port": 80},
            "analysis": {
                "interval": "30s",
                "threshold": 5,
                "iterations": 3,
                "match": [{"headers": {"x-canary": {"exact": "insider"}}}],
                "mirror": True,
                "mirrorWeight": 20,
                "sessionAffinity": {"cookieName": "canary"},
                "webhooks": [{"name": "load", "url": "http://load.test"}],
            },
        },
    }
    fields = {refusal.field for refusal in refusals(parse(everything), "skipper")}
    return fields | ({*get_args(Provider), *get_args(ProviderType)} - {*PROVIDERS, *METRIC_SOURCES})


def test_what_is_not_yet_there_is_refused():
    """The row of a feature that arrives must be written anew."""
    named = {
        (area, row.number, name)
        for area, found in rows().items()
        for row in found
        for part in re.findall(r"not yet: (.*?)(?:; |\. |$)", row.engine)
        for name in re.findall(r"`([^`]+)`", part)
    }
    assert {name for _, _, name in named} & set(get_args(Provider)), "no provider is named"
    refused = refused_today()
    assert sorted(place for place in named if place[2] not in refused) == []


def exists(path: str, test: str = "") -> bool:
    """Whether a page may name ``path``: from the root, from ``canary/``, or a file by its name."""
    places = [place for place in (ROOT / path, ROOT / "canary" / path) if place.exists()]
    if not places and "/" not in path:
        places = [p for package in PACKAGES for p in (ROOT / package).rglob(path)]
    if not test:
        return bool(places)
    return any(re.search(rf"def {test}\(", p.read_text(encoding="utf-8")) for p in places)


def named_paths(text: str) -> Iterator[tuple[str, str]]:
    """Paths in backticks, with the test behind ``::`` if there is one."""
    for path, test in _PATH.findall(text):
        top, slash, _ = path.partition("/")
        inside = slash and top in (*PACKAGES, "docs", "crds")
        if inside or (top and path.endswith(_SUFFIXES)):
            yield path, test


def test_paths_are_told_from_other_names():
    text = "`canary/clock.py`, `no/such.py`, `canary.metrics`, `/scale`, `flagger.app/v1beta1`"
    assert list(named_paths(text)) == [("canary/clock.py", ""), ("no/such.py", "")]
    assert exists("canary/clock.py") and exists("rollout/record.py") and exists("codec.py")
    assert not exists("no/such.py") and not exists("nowhere.py")
    this = "tests/docs/test_defects.py"
    assert exists(this, "test_paths_are_told_from_other_names") and not exists(this, "test_nothing")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page):
    named = list(named_paths(page.read_text(encoding="utf-8")))
    assert [place for place in named if not exists(*place)] == []
