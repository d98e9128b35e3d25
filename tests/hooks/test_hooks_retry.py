"""What is repeated, and when: webhooks.md 2."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from canary.hooks.retry import pause, repeatable

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 599])
def test_statuses_that_may_pass(status):
    assert repeatable(status)


@pytest.mark.parametrize("status", [200, 304, 307, 400, 401, 403, 404, 408, 425, 501])
def test_statuses_that_stay(status):
    assert not repeatable(status)


def test_pauses_double_up_to_half_a_minute():
    found = [pause(n, None, "", NOW) for n in (1, 2, 3, 4, 5, 6, 7, 10_000)]
    assert found == [1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("30", 30),
        ("31", 30),
        ("9" * 5000, 30),
        ("Sun, 01 Mar 2026 12:00:05 GMT", 5),
        ("Sun, 01 Mar 2026 13:00:00 GMT", 30),
        ("Sun, 01 Mar 2026 11:59:00 GMT", 0),
        # Nothing that can be read: the pause of the second attempt.
        ("", 2),
        ("-5", 2),
        ("1.5", 2),
        ("soon", 2),
        ("١", 2),
        ("Sun, 99 Mar 2026 12:00:05 GMT", 2),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(told, seconds, status):
    assert pause(2, status, told, NOW) == seconds


@pytest.mark.parametrize("status", [None, 500, 502])
def test_retry_after_counts_for_two_statuses_only(status):
    assert pause(3, status, "20", NOW) == 4
