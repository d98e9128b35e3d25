"""What an answer means: analysis.md 9 (prometheus) and 12 rows 2, 8, 24 and 26."""

from __future__ import annotations

import json
import math

import pytest
from metrics_server import result, vector

from analysis.outcome import FailureKind, NoValues, QueryFailed, Values

UP = "up"


async def ask(server, connect, body, status=200, **more):
    server.says(body, status, **more)
    return await connect(server.url).query(UP)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["100"], (100.0,)),
        (["0"], (0.0,)),
        (["-1.5"], (-1.5,)),
        (["1234.9"], (1234.9,)),
        (["1e+06"], (1e6,)),
        ([".5"], (0.5,)),
        (["+Inf"], (math.inf,)),
        (["-Inf"], (-math.inf,)),
        # Row 2: every sample counts, whatever their order.
        (["99", "1", "50"], (99.0, 1.0, 50.0)),
        (["1", "+Inf"], (1.0, math.inf)),
    ],
)
async def test_values(server, connect, values, expected):
    assert await ask(server, connect, vector(*values)) == Values(expected)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "body",
    [
        vector(),
        vector("NaN"),
        vector("nan"),
        vector("1", "NaN"),
        vector("NaN", "1"),
        vector(5),
        vector("1", 5),
        '{"status":"success","data":{"resultType":"vector"}}',
        '{"status":"success","data":{"resultType":"vector","result":null}}',
        '{"status":"success"}',
        "{}",
    ],
)
async def test_no_values(server, connect, body):
    found = await ask(server, connect, body)
    assert isinstance(found, NoValues)
    assert found.text.endswith("no values found")


# The spec ignores the status field; only an error is not ignored (row 24).
@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["success", "weird", None])
async def test_the_status_field_is_ignored(server, connect, status):
    body = json.dumps({**json.loads(vector("7")), "status": status})
    assert await ask(server, connect, body) == Values((7.0,))


@pytest.mark.asyncio
async def test_an_error_in_a_body_of_status_200_is_reported(server, connect):
    body = '{"status":"error","errorType":"execution","error":"too many samples"}'
    found = await ask(server, connect, body)
    assert isinstance(found, QueryFailed)
    assert found.kind is FailureKind.REJECTED
    assert "execution" in found.text and "too many samples" in found.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "reason", "text"),
    [
        (400, "Bad Request", "error response: Status 400 Bad Request: it broke"),
        (401, "Unauthorized", "error response: Status 401 Unauthorized: it broke"),
        (404, "Not Found", "error response: Status 404 Not Found: it broke"),
        (422, "Odd Query", "error response: Status 422 Odd Query: it broke"),
        (
            500,
            "Internal Server Error",
            "error response: Status 500 Internal Server Error: it broke",
        ),
        (503, "Service Unavailable", "error response: Status 503 Service Unavailable: it broke"),
    ],
)
async def test_error_statuses(server, connect, status, reason, text):
    found = await ask(server, connect, "it broke", status, reason=reason)
    assert found == QueryFailed(text, FailureKind.REJECTED)


@pytest.mark.asyncio
async def test_values_of_an_error_status_are_no_values(server, connect):
    found = await ask(server, connect, vector("100"), 500)
    assert isinstance(found, QueryFailed) and found.kind is FailureKind.REJECTED


@pytest.mark.asyncio
async def test_a_long_error_body_is_cut(server, connect):
    # An event holds at most 1024 characters.
    found = await ask(server, connect, "x" * 100_000, 500)
    assert isinstance(found, QueryFailed)
    assert len(found.text) < 1100 and "x" * 900 in found.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>login</html>",
        '{"status":"success","data":',
        vector("1") + "x",
        "[]",
        '"text"',
        "null",
        "1",
        '{"data":[]}',
        result([[1, "1"]]),
        result(["1"]),
        result({}),
        result([{"metric": {}}]),
        result([{"metric": {}, "value": []}]),
        result([{"metric": {}, "value": [1]}]),
        result([{"metric": {}, "value": [1, "1", "2"]}]),
        result([{"metric": {}, "value": "1"}]),
        # The spec's row on scalars and strings
        result([1700000000, "1"], "scalar"),
        result([1700000000, "text"], "string"),
    ],
)
async def test_what_has_not_the_shape_of_an_answer(server, connect, body):
    found = await ask(server, connect, body)
    assert isinstance(found, QueryFailed) and found.kind is FailureKind.INVALID
    assert found.text.startswith("error unmarshaling result: ")
    assert found.text.endswith(f", '{body}'")


@pytest.mark.asyncio
async def test_bytes_that_are_no_text(server, connect):
    found = await ask(server, connect, b"\xff\xfe\x00")
    assert isinstance(found, QueryFailed) and found.kind is FailureKind.INVALID


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "series",
    [
        {"values": []},
        {"values": [[1, "1"]]},
        {"values": [[1, "1"], [2, "2"]]},
        {"histograms": [[1, {"count": "1", "sum": "1"}]]},
    ],
)
async def test_a_matrix(server, connect, series):
    found = await ask(server, connect, result([{"metric": {}, **series}], "matrix"))
    assert found == QueryFailed("query returned multiple values", FailureKind.INVALID)


@pytest.mark.asyncio
async def test_a_native_histogram_is_an_error_of_this_query_only(server, connect):
    # Row 26
    sample = {"metric": {}, "histogram": [1, {"count": "1", "sum": "1", "buckets": []}]}
    for samples in ([sample], [{"metric": {}, "value": [1, "1"]}, sample]):
        found = await ask(server, connect, result(samples))
        assert isinstance(found, QueryFailed) and found.kind is FailureKind.INVALID
        assert "native histogram" in found.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (vector("1"), 200, None),
        (vector("2"), 200, "value is not 1 for query: vector(1)"),
        (vector(), 200, "running query failed: no values found"),
        ("no", 400, "running query failed: error response: Status 400 Bad Request: no"),
    ],
)
async def test_online(server, connect, body, status, problem):
    server.says(body, status)
    assert await connect(server.url).online() == problem
    assert server.requests[0].query["query"] == "vector(1)"
