"""Image tags: the table in ``canary/sandbox/live/behaviour.py`` is what users are promised."""

from __future__ import annotations

import pytest

from canary.sandbox.live.behaviour import Application, application, of_template, tag


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("app:1.0.0", Application("1.0.0")),
        ("app", Application("latest")),
        ("app:1.2.0-bad30", Application("1.2.0-bad30", fails=30)),
        ("app:1-bad100", Application("1-bad100", fails=100)),
        ("app:1-bad0", Application("1-bad0")),
        ("app:1-slow250ms", Application("1-slow250ms", delay=0.25)),
        ("app:1-slow2s", Application("1-slow2s", delay=2.0)),
        ("app:1-startup5s", Application("1-startup5s", startup=5.0)),
        ("app:1-crash", Application("1-crash", crashes=True)),
        ("app:1-neverready", Application("1-neverready", ready=False)),
        ("app:1-bad5-slow100ms", Application("1-bad5-slow100ms", fails=5, delay=0.1)),
        # None of these is in the table: they mean nothing.
        ("nginx:1.27-alpine", Application("1.27-alpine")),
        ("app:1-bad101", Application("1-bad101")),
        ("app:1-badly", Application("1-badly")),
        ("app:crash", Application("crash")),
        ("app-crash:1", Application("1")),
    ],
)
def test_tag_names_the_behaviour(image, expected):
    assert application(image) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("registry.example:5000/team/app:1.0", "1.0"),
        ("registry.example:5000/team/app", "latest"),
        ("app:1.0@sha256:0123", "1.0"),
        ("app@sha256:0123", "latest"),
    ],
)
def test_a_port_or_a_digest_is_no_tag(image, expected):
    assert tag(image) == expected


def test_the_first_container_counts():
    containers = [{"image": "app:1-bad7"}, {"image": "sidecar:1-crash"}]
    assert of_template({"spec": {"containers": containers}}) == Application("1-bad7", fails=7)
