"""``spec.analysis.match``: the conditions of an A/B test, as Istio's route has them."""

from __future__ import annotations

from typing import Any

from tests.fields.entry import KEY, Shown


def _condition(name: str, means: str, place: str, *values: Any, **more: Any) -> Shown:
    return Shown(
        path=f"spec.analysis.match[].{name}",
        means=means,
        values=(values[0], values[1]),
        place=f"VirtualService/podinfo spec.http.0.match.0.{place}",
        scene="tested",
        **more,
    )


def _named(table: str, way: str, means: str) -> Shown:
    subject = "a header" if table == "headers" else "a query parameter"
    return _condition(f"{table}{{}}.{way}", f"{subject} {means} this", f"{table}.{KEY}.{way}",
                      "a", "b")  # fmt: skip


ENTRIES = (
    _named("headers", "exact", "is"),
    _named("headers", "prefix", "begins with"),
    _condition("headers{}.suffix", "a header ends with this", f"headers.{KEY}.regex", "a", "b",
               wants=(".*a", ".*b")),
    _named("headers", "regex", "matches"),
    _named("queryParams", "exact", "is"),
    _named("queryParams", "regex", "matches"),
    _condition("sourceLabels", "Istio: labels of the client's pod", "sourceLabels", {"a": "1"},
               {"a": "2"}),
)  # fmt: skip
