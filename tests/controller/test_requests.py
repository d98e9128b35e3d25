"""What an annotation asks for, who wrote it, and what is said to a text that asks for nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from canary.api.annotations import INTENT
from canary.controller.requests import request
from canary.rollout.intent import Action, Request

ACCEPTED = "accepted are promote, abort, pause, resume, retry, approve"


def annotated(text: Any, *managers: dict[str, Any]) -> dict[str, Any]:
    """A Canary with this annotation, and those who manage its fields."""
    return {"metadata": {"annotations": {INTENT: text}, "managedFields": list(managers)}}


def manages(manager: str, annotation: str, at: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    fields = {"f:metadata": {"f:annotations": {f"f:{annotation}": {}}}}
    return {"manager": manager, "time": at, "fieldsV1": fields}


@pytest.mark.parametrize(
    "meta",
    [
        {},
        {"annotations": None},
        {"annotations": {"team": "a"}},
        {"annotations": {INTENT: ""}},
        {"annotations": {INTENT: " \n"}},
    ],
)
def test_nothing_is_asked_for(meta: dict[str, Any]) -> None:
    assert request({"metadata": meta}) is None


def test_a_word_is_an_action_asked_for_by_whom_the_server_names() -> None:
    others = (
        {"manager": "old"},
        {"manager": "bare", "fieldsV1": None},
        manages("argocd", "team", "2026-01-02T00:00:00Z"),
        {"manager": "labels", "fieldsV1": {"f:metadata": {"f:labels": {}}}},
    )
    asked = annotated(" abort ", *others, manages("kubectl-annotate", INTENT))
    assert request(asked) == Request(
        " abort ", Action.ABORT, "kubectl-annotate", at="2026-01-01T00:00:00Z"
    )
    assert request(annotated("abort", *others)) == Request("abort", Action.ABORT)
    unnamed = manages("", INTENT) | {"manager": None, "time": None}
    assert request(annotated("abort", unnamed)) == Request("abort", Action.ABORT)
    unmanaged = {"metadata": {"annotations": {INTENT: "abort"}, "managedFields": None}}
    assert request(unmanaged) == Request("abort", Action.ABORT)


def test_an_object_says_itself_who_asks_and_why() -> None:
    def asked(**found: Any) -> Request | None:
        text = json.dumps({"action": "promote", **found})
        return request(annotated(text, manages("cli", INTENT)))

    said = asked(by="alice", reason="INC-42")
    assert said is not None
    assert (said.action, said.by, said.reason) == (Action.PROMOTE, "alice", "INC-42")
    assert said.at == "2026-01-01T00:00:00Z"
    # Whoever can't be named is the manager; what is no text is no reason.
    for name in ("", 5, None):
        odd = asked(by=name, reason=name)
        assert odd is not None
        assert (odd.by, odd.reason) == ("cli", "")
    long = asked(by="a" * 1000, reason="b" * 1000)
    assert long is not None
    assert (long.by, long.reason) == ("a" * 256, "b" * 256)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("halt", f"'halt' is no action: {ACCEPTED}"),
        ('["abort"]', f"""'["abort"]' is no action: {ACCEPTED}"""),
        ("{}", f"'None' is no action: {ACCEPTED}"),
        ('{"action": 5}', f"'5' is no action: {ACCEPTED}"),
        ('{"action": ["abort"]}', f"\"['abort']\" is no action: {ACCEPTED}"),
        ("{abort", "'{abort' is no JSON: Expecting property name"),
    ],
)
def test_what_is_accepted_is_said_to_whoever_asked(text: str, said: str) -> None:
    found = request(annotated(text, manages("kubectl-annotate", INTENT)))
    assert found is not None
    assert (found.action, found.by, found.token) == (None, "kubectl-annotate", text)
    assert found.problem.startswith(f"annotation {INTENT}: {said}")
