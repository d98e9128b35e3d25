"""The operations page names the metrics and permissions that there are, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import CollectorRegistry

from canary.controller.metrics import Metrics
from canary.server.permissions import permissions
from providers.registry import provider

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """Cells of the tables below one heading, without heads."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_metrics() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    exported = {
        (f"{family.name}_total" if family.type == "counter" else family.name, family.type)
        for family in registry.collect()
    }
    assert {(row[0].strip("`"), row[1]) for row in rows("Metrics")} == exported


def test_permissions() -> None:
    ours = permissions({name: provider(name) for name in ("gatewayapi:v1", "istio", "nginx")})
    wanted = [[f"`{row.target}`", ", ".join(row.verbs), str(row.scope)] for row in ours]
    assert sorted(rows("Permissions")) == sorted(wanted)


def test_no_heading_is_there_twice() -> None:
    headings = re.findall(r"^## .*$", PAGE, re.MULTILINE)
    assert len(headings) == len(set(headings))
