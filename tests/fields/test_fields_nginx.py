"""Conditions of an A/B test as annotations of ingress-nginx: each is written, and followed in
mid-rollout."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from tests.fields.play import Play
from tests.fields.scenes import INGRESSES, canary
from tests.rig.manifests import ingress, setting

PREFIX = "nginx.ingress.kubernetes.io/"


def header(name: str, **condition: str) -> dict[str, Any]:
    return {"headers": {name: condition}}


def annotated(**more: str) -> dict[str, str]:
    """The canary's annotations while matching requests go to it."""
    found = {"canary": "true", "canary-weight": "0"}
    found |= {name.replace("_", "-"): value for name, value in more.items()}
    return {f"{PREFIX}{name}": value for name, value in found.items()}


CONDITIONS: dict[str, tuple[Any, dict[str, str], Any, dict[str, str]]] = {
    "header": (
        header("x-one", exact="1"),
        annotated(canary_by_header="x-one", canary_by_header_value="1"),
        header("x-two", exact="1"),
        annotated(canary_by_header="x-two", canary_by_header_value="1"),
    ),
    "header.exact": (
        header("x", exact="1"),
        annotated(canary_by_header="x", canary_by_header_value="1"),
        header("x", exact="2"),
        annotated(canary_by_header="x", canary_by_header_value="2"),
    ),
    "header.regex": (
        header("x", regex="a.*"),
        annotated(canary_by_header="x", canary_by_header_pattern="a.*"),
        header("x", regex="b.*"),
        annotated(canary_by_header="x", canary_by_header_pattern="b.*"),
    ),
    "cookie": (
        header("cookie", exact="one"),
        annotated(canary_by_cookie="one"),
        header("cookie", exact="two"),
        annotated(canary_by_cookie="two"),
    ),
    # What the former condition needed goes with it.
    "another kind": (
        header("x", exact="1"),
        annotated(canary_by_header="x", canary_by_header_value="1"),
        header("cookie", exact="two"),
        annotated(canary_by_cookie="two"),
    ),
}


def ab_test(match: Any) -> dict[str, Any]:
    none = {"stepWeight": None, "maxWeight": None}
    return canary("nginx", {"analysis": {**none, "iterations": 5, "match": [match]}})


def annotations(play: Play) -> dict[str, str]:
    found = play.stage.get(INGRESSES, "podinfo-canary")["metadata"]["annotations"]
    return {key: value for key, value in found.items() if key.startswith(f"{PREFIX}canary")}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_is_an_annotation_and_an_edit_counts_at_once(condition: str) -> None:
    first, written, second, edited = CONDITIONS[condition]

    async def seen() -> list[dict[str, str]]:
        play = Play()
        *others, _ = setting()
        await play.begins([ingress(), *others, ab_test(first)], keda=False)
        idle = annotations(play)
        await play.stage.set_image("podinfo:2.0.0")
        await play.first_step()
        running = annotations(play)
        await play.stage.apply(ab_test(second))
        await play.stage.rest(5)
        after = annotations(play)
        assert play.stage.phase() == "Progressing"
        await play.ends()
        return [idle, running, after]

    assert virtualtime.run(seen()) == [annotated(), written, edited]
