"""What a Prometheus server's answer says."""

from __future__ import annotations

import re
from typing import Any

import orjson

from analysis.outcome import FailureKind, NoValues, Outcome, QueryFailed, measured

QUOTED = 1000
"""Characters of a body that an error quotes."""

_NUMBER = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity)|nan", re.I | re.A
)
_NO_STRING = float("nan")
"""Flagger skips a sample whose value isn't a string; here its series counts as without value."""


class _Unreadable(Exception):
    """The answer isn't one instant value per series; ``shape``: it isn't even the API's JSON."""

    def __init__(self, text: str, shape: bool = True) -> None:
        super().__init__(text)
        self.shape = shape


def quoted(body: bytes) -> str:
    """``body`` as an error quotes it."""
    text = body.decode("utf-8", "replace")
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}..."


def read_error(status: int, reason: str, body: bytes) -> QueryFailed:
    """The outcome for an HTTP status of 400 or above."""
    return QueryFailed(
        f"error response: Status {status} {reason}: {quoted(body)}", FailureKind.REJECTED
    )


def read_answer(body: bytes) -> Outcome:
    """The outcome for any other status."""
    try:
        document = orjson.loads(body)
        if isinstance(document, dict) and document.get("status") == "error":
            text = f"{document.get('errorType', 'unknown')}: {document.get('error', '')}"
            return QueryFailed(f"error response: {text[:QUOTED]}", FailureKind.REJECTED)
        samples = _samples(document)
        return measured([_value(sample) for sample in samples]) if samples else NoValues()
    except orjson.JSONDecodeError as error:
        return _unreadable(str(error), body)
    except _Unreadable as error:
        if error.shape:
            return _unreadable(str(error), body)
        return QueryFailed(str(error), FailureKind.INVALID)


def _unreadable(cause: str, body: bytes) -> QueryFailed:
    text = f"error unmarshaling result: {cause}, '{quoted(body)}'"
    return QueryFailed(text, FailureKind.INVALID)


def _samples(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        raise _Unreadable("the answer is not an object")
    data = document.get("data")
    if data is None:
        return []
    if not isinstance(data, dict):
        raise _Unreadable("data is not an object")
    kind = data.get("resultType")
    if kind in ("scalar", "string"):
        raise _Unreadable(f"the result is a {kind}; accepted is an instant vector")
    result = data.get("result")
    if result is None:
        return []
    if not isinstance(result, list):
        raise _Unreadable("the result is not a list")
    return result


def _value(sample: Any) -> float:
    if not isinstance(sample, dict):
        raise _Unreadable("a sample is not an object; accepted is an instant vector")
    if "values" in sample or "histograms" in sample:
        raise _Unreadable("query returned multiple values", shape=False)
    if "value" not in sample and "histogram" in sample:
        raise _Unreadable("a sample is a native histogram; accepted are numbers", shape=False)
    point = sample.get("value")
    if not isinstance(point, list) or len(point) != 2:
        raise _Unreadable("a sample has no pair of time and value")
    return parse_number(point[1]) if isinstance(point[1], str) else _NO_STRING


def parse_number(text: str) -> float:
    """A sample's value; errors in the words of Go's parser."""
    shown = orjson.dumps(text[:QUOTED]).decode()
    if not _NUMBER.fullmatch(text):
        raise _Unreadable(f"strconv.ParseFloat: parsing {shown}: invalid syntax", shape=False)
    value = float(text)
    if value in (float("inf"), float("-inf")) and "n" not in text.lower():
        raise _Unreadable(f"strconv.ParseFloat: parsing {shown}: value out of range", shape=False)
    return value
