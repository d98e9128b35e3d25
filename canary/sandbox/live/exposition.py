"""Prometheus' text format: the pages of all pods as one page, pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def labelled(page: str, labels: Mapping[str, str]) -> str:
    """``page`` with ``labels`` on each series; their values must need no escaping."""
    added = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return "\n".join(_series(line, added) for line in page.splitlines() if line)


def _series(line: str, added: str) -> str:
    if line.startswith("#"):
        return line
    name, brace, rest = line.partition("{")
    if brace:
        return f"{name}{{{added},{rest}"
    name, _, value = line.partition(" ")
    return f"{name}{{{added}}} {value}"


def merged(pages: Iterable[str]) -> str:
    """Several pages as one: what is said about a metric is said once, and first."""
    comments: dict[str, None] = {}
    series: list[str] = []
    for page in pages:
        for line in page.splitlines():
            if line.startswith("#"):
                comments.setdefault(line)
            else:
                series.append(line)
    return "".join(f"{line}\n" for line in (*comments, *series))
