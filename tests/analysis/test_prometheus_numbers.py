"""Samples that are no numbers: analysis.md 9, and what Go's parser says of them."""

from __future__ import annotations

import pytest
from metrics_server import vector

from analysis.outcome import FailureKind, QueryFailed


async def ask(server, connect, body):
    server.says(body)
    return await connect(server.url).query("up")


# "unparsable string: the number parser's error", which is Go's.
@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", 'strconv.ParseFloat: parsing "": invalid syntax'),
        ("x", 'strconv.ParseFloat: parsing "x": invalid syntax'),
        (" 1", 'strconv.ParseFloat: parsing " 1": invalid syntax'),
        ("1,5", 'strconv.ParseFloat: parsing "1,5": invalid syntax'),
        ("--1", 'strconv.ParseFloat: parsing "--1": invalid syntax'),
        ("+nan", 'strconv.ParseFloat: parsing "+nan": invalid syntax'),
        ("1e", 'strconv.ParseFloat: parsing "1e": invalid syntax'),
        ("1e400", 'strconv.ParseFloat: parsing "1e400": value out of range'),
        ("-1e400", 'strconv.ParseFloat: parsing "-1e400": value out of range'),
    ],
)
async def test_values_that_are_no_numbers(server, connect, value, text):
    for values in ([value], ["1", value], [value, "1"]):
        found = await ask(server, connect, vector(*values))
        assert found == QueryFailed(text, FailureKind.INVALID)


@pytest.mark.asyncio
@pytest.mark.parametrize("value", ["１", "٣"])
async def test_digits_are_ascii(server, connect, value):
    found = await ask(server, connect, vector(value))
    assert isinstance(found, QueryFailed) and found.kind is FailureKind.INVALID
