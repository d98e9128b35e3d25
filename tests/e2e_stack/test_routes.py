"""What the scenarios read out of routes, records of traffic and the audit log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.audit import requests
from e2e.judgement import as_planned, only_bad_images_fail
from e2e.routes import Shift, Split, canary_weight, lags, shifts, splits
from e2e.timeline import Change
from e2e.traffic import Answer, Tally, by_revision
from e2e.witness import Span


def http_route(canary: int) -> dict[str, Any]:
    backends = [
        {"name": "shop-primary", "port": 80, "weight": 100 - canary},
        {"name": "shop-canary", "port": 80, "weight": canary},
    ]
    return {"spec": {"rules": [{"backendRefs": backends}]}}


def virtual_service(canary: int) -> dict[str, Any]:
    shares = {"shop-primary": 100 - canary, "shop-canary": canary}
    route = [{"destination": {"host": host}, "weight": share} for host, share in shares.items()]
    return {"spec": {"http": [{"route": route}]}}


def answer(sent: float, pod: str, status: int = 200, revision: str = "1.0.0") -> Answer:
    return Answer(sent, 0.01, revision, pod, status)


def test_the_weight_is_read_from_either_kind_of_route() -> None:
    assert canary_weight("gatewayapi:v1", http_route(30)) == 30
    assert canary_weight("istio", virtual_service(45)) == 45


def test_a_shift_begins_with_its_write() -> None:
    history = [
        Change(1.0, "shop", http_route(0)),
        Change(2.0, "shop", http_route(20)),
        Change(2.5, "shop", http_route(20) | {"status": {"parents": []}}),
        Change(9.0, "shop", http_route(0)),
    ]
    found = shifts("gatewayapi:v1", history)
    assert found == [Shift(1.0, 0), Shift(2.0, 20), Shift(9.0, 0)]


def test_a_split_counts_what_was_sent_and_answered_while_the_gateway_had_its_weight() -> None:
    answers = [
        answer(1.5, "shop-7d9f-a"),  # Too early: the gateway is still being told.
        answer(3.0, "shop-7d9f-a"),
        answer(4.0, "shop-primary-55-b", revision="2.0.0"),
        answer(5.0, "shop-primary-55-b"),
        answer(8.995, "shop-7d9f-a"),  # Answered after the last word of that weight.
        answer(15.0, "shop-7d9f-a"),
    ]
    assert list(splits([Span(2.0, 9.0, (20,))], answers)) == [Split(20, 3, 1)]


def test_the_lag_of_a_gateway_is_told_by_weight() -> None:
    moves = [Shift(1.0, 20), Shift(5.0, 40), Shift(9.0, 60), Shift(13.0, 0)]
    # It was asked about the first weight before, the second one came to be known late, and the
    # third one before the watch brought it.
    seen = [
        Span(0.1, 0.9, (0,)),
        Span(1.5, 6.9, (20,)),
        Span(7.0, 8.5, (40,)),
        Span(8.8, 12.5, (60,)),
    ]
    assert lags(moves, seen) == {20: 0.5, 40: 2.0, 60: 0.0}


def test_a_split_far_from_its_weight_is_refused() -> None:
    as_planned([Split(20, 900, 180)], [20], few=100)
    with pytest.raises(AssertionError, match=r"the share is 0\.2"):
        as_planned([Split(20, 900, 270)], [20], few=100)
    with pytest.raises(AssertionError, match="too few"):
        as_planned([Split(20, 99, 20)], [20], few=100)
    with pytest.raises(AssertionError, match="nothing was measured at weight 40"):
        as_planned([Split(20, 900, 180)], [20, 40], few=100)


@pytest.mark.parametrize(
    "stray",
    [
        answer(1.0, "shop-primary-1", 500, revision="1.0.0"),
        answer(1.0, "", 503, revision=""),
        answer(1.0, "", 0, revision=""),
    ],
)
def test_a_failure_of_anybody_but_a_bad_image_is_told(stray: Answer) -> None:
    only_bad_images_fail([answer(1.0, "shop-1", 500, "2.0.0-bad30"), answer(1.0, "shop-2", 404)])
    with pytest.raises(AssertionError, match="1 requests failed elsewhere"):
        only_bad_images_fail([stray])


def test_failures_are_counted_by_revision() -> None:
    answers = [answer(1, "a"), answer(2, "a", 500), answer(3, "", 0, revision="")]
    assert by_revision(answers) == {"1.0.0": Tally(2, 1), "": Tally(1, 1)}


def test_the_audit_log_says_who_asked_for_what(tmp_path: Path) -> None:
    event = {
        "stage": "ResponseComplete",
        "verb": "update",
        "requestReceivedTimestamp": "2026-01-02T03:04:05.500000Z",
        "user": {
            "username": "system:serviceaccount:a:canary-engine",
            "extra": {"authentication.kubernetes.io/credential-id": ["JTI=7"]},
        },
        "objectRef": {
            "resource": "canaries",
            "subresource": "status",
            "namespace": "shop",
            "name": "shop",
            "apiGroup": "flagger.app",
        },
        "responseStatus": {"code": 409},
        "requestObject": {"status": {}},
    }
    log = tmp_path / "audit.log"
    half = json.dumps(event)[:50]
    log.write_text(json.dumps(event) + "\n" + half)
    (found,) = requests(log)
    assert str(found) == "update canaries/status.flagger.app shop/shop: 409"
    assert (found.credential, found.at % 60) == ("JTI=7", 5.5)
    assert found.writes and not found.leads
