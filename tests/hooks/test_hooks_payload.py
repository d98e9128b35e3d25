"""Bodies: webhooks.md 3 and 6."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from canary.hooks.payload import HookEvent, Subject, checksum, event_payload, hook_payload

PODINFO = Subject("podinfo", "test", "Progressing", "569bdb7cb9")


@pytest.mark.parametrize(
    ("tracked", "applied", "found"),
    [
        (None, "", "758df7c9fc"),
        (None, "4cb74184589", "7c9d467496"),
        ({}, "5f56684589", "557d867f8b"),
        ({"test-config-map": "484637c76acaa7c6"}, "4cb74184589", "569bdb7cb9"),
        # What the real Flagger 1.44 sent for its own status.
        ({}, "5c7679778b", "54c5654fdc"),
        ({}, "7bc468c949", "5bd89dd4d5"),
        ({"secret/b": "1", "configmap/a": "2", "secret/a": "3"}, "6b8c5b7d4f", "5889488d94"),
    ],
)
def test_checksums(tracked, applied, found):
    assert checksum(tracked, applied) == found


def test_the_body_is_compact_and_in_order():
    assert hook_payload(PODINFO, {"type": "bash", "cmd": "curl"}) == (
        b'{"name":"podinfo","namespace":"test","phase":"Progressing","checksum":"569bdb7cb9",'
        b'"metadata":{"cmd":"curl","type":"bash"}}'
    )


@pytest.mark.parametrize("metadata", [None, {}])
def test_without_metadata_there_is_none(metadata):
    assert hook_payload(Subject("a", "b", "", "c"), metadata) == (
        b'{"name":"a","namespace":"b","phase":"","checksum":"c"}'
    )


def test_strings_are_escaped_as_go_does():
    # What Go's encoding/json makes of the same map.
    strings = {
        "b": '<a>&\u2028\u2029\x00\x1f\x7f\b\f\n\r\t"\\/é😀',
        "a": "1",
        "é": "",
        "Z": "",
    }
    expected = (
        '"metadata":{"Z":"","a":"1","b":"\\u003ca\\u003e\\u0026\\u2028\\u2029\\u0000\\u001f\x7f'
        '\\b\\f\\n\\r\\t\\"\\\\/é😀","é":""}}'
    )
    body = hook_payload(PODINFO, strings)
    assert body.decode().endswith(expected)
    assert json.loads(body)["metadata"] == strings


def event(**fields):
    told = {
        "subject": Subject("podinfo", "default", "Progressing", "758df7c9fc"),
        "text": "New revision detected! Scaling up podinfo.default",
        "warning": False,
        "at": datetime(2020, 1, 9, 22, 7, 15, 167_999, tzinfo=UTC),
    }
    return HookEvent(**{**told, **fields})


def test_an_event():
    assert event_payload(event(), None) == (
        b'{"name":"podinfo","namespace":"default","phase":"Progressing","checksum":"758df7c9fc",'
        b'"metadata":{"eventMessage":"New revision detected! Scaling up podinfo.default",'
        b'"eventType":"Normal","timestamp":"1578607635167"}}'
    )


def test_own_metadata_cannot_hide_what_an_event_says():
    own = {"cmd": "x", "eventMessage": "all is well", "eventType": "Normal", "timestamp": "0"}
    assert json.loads(event_payload(event(text="no", warning=True), own))["metadata"] == {
        "cmd": "x",
        "eventMessage": "no",
        "eventType": "Warning",
        "timestamp": "1578607635167",
    }
    assert own["timestamp"] == "0"
