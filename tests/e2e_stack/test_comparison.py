"""The comparison with Flagger 1.44: what is asked for, and what becomes of the figures."""

from __future__ import annotations

import pytest

from canary.api.canary import parse
from e2e.comparison.__main__ import parser, size
from e2e.comparison.figures import Figures
from e2e.comparison.fleet import INTERVAL, WEIGHTS, Plan, manifests
from e2e.comparison.table import table
from e2e.stack.image import behaviour


def figures(name: str, **values: float) -> Figures:
    known = {
        "initialised": 10.0,
        "start": 1.0,
        "idle_cpu": 0.5,
        "idle_memory": 100.0,
        "busy_cpu": 0.5,
        "busy_memory": 100.0,
        "rollout_requests": 20.0,
    }
    requests = {"get": 4.0, "list": 1.0} if name == "theirs" else {}
    lags = [float(number) for number in range(1, 101)]
    return Figures(name, requests=requests, lags=lags, overhead=[5.0], **(known | values))


def row(text: str, begin: str) -> list[str]:
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {begin} |")]
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


def test_a_ratio_is_ours_to_theirs() -> None:
    text = table(Plan(200, 40), figures("ours", idle_memory=90.0), figures("theirs", start=4.0))
    assert row(text, "memory while all are idle, MiB") == ["90", "100", "0.90"]
    assert row(text, "start with all of them idle, s") == ["1.00", "4.00", "0.25"]
    assert row(text, "API requests of an idle Canary in one interval: get") == [
        "0.00",
        "4.00",
        "0.00",
    ]
    assert row(text, "the same, all verbs") == ["0.00", "5.00", "0.00"]
    assert row(text, "step lag p99, s") == ["99.00", "99.00", "1.00"]


def test_nothing_is_divided_by_nothing() -> None:
    text = table(Plan(1, 1), figures("theirs"), figures("ours"))
    assert row(text, "the same, all verbs")[-1] == "-"


def test_a_size_is_canaries_and_how_many_of_them_progress() -> None:
    assert size("200/40", 30.0) == Plan(200, 40, 30.0)
    assert parser().parse_args([]).sizes == ["200/40", "1000/200"]


@pytest.mark.parametrize("text", ["200", "200/", "a/b", "10/20", "10/0", "-1/1"])
def test_another_size_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match=text) as refused:
        size(text, 30.0)
    assert "can progress" in str(refused.value) or "accepted is" in str(refused.value)


def test_both_engines_get_the_plan_that_is_counted_by() -> None:
    deployment, canary = manifests(7)
    spec = parse({**canary, "metadata": {**canary["metadata"], "uid": "u"}}).spec
    assert spec.analysis.interval == f"{INTERVAL:g}s"
    assert tuple(spec.analysis.step_weights or ()) == WEIGHTS
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert behaviour(container["image"]).light
