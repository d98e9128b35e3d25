"""Log lines: their form (operations.md section 9), and what must not be in them."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from canary.controller.logs import OURS, configure, masked


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("", *OURS)]
    before = [(log.handlers, log.level, log.propagate) for log in loggers]
    yield
    for log, (handlers, level, propagate) in zip(loggers, before, strict=True):
        log.handlers, log.propagate = handlers, propagate
        log.setLevel(level)


def logged(level: str = "debug", encoding: str = "json", libraries: bool = False) -> io.StringIO:
    stream = io.StringIO()
    configure(level, encoding, libraries=libraries, stream=stream)
    return stream


def test_a_line_is_a_json_object_with_flaggers_keys() -> None:
    stream = logged()
    logging.getLogger("canary.events").warning("Halt %s", "x", extra={"canary": "podinfo.test"})
    line = json.loads(stream.getvalue())
    assert (line["level"], line["msg"], line["canary"]) == ("warn", "Halt x", "podinfo.test")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["ts"])
    assert re.fullmatch(r"cli/test_cli_logs\.py:\d+", line["caller"])
    assert line["logger"] == "canary.events"
    assert "stacktrace" not in line


def test_what_people_write_stays_one_line() -> None:
    stream = logged()
    logging.getLogger("canary").info('a\n"b" ä')
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["msg"] == 'a\n"b" ä'
    assert "canary" not in json.loads(line), "it is about none"


def test_an_exception_brings_its_trace() -> None:
    stream = logged()
    try:
        raise ValueError("http://me:s3cret@host")
    except ValueError:
        logging.getLogger("canary").exception("failed")
    line = json.loads(stream.getvalue())
    assert line["level"] == "error"
    assert "ValueError" in line["stacktrace"] and "s3cret" not in line["stacktrace"]


def test_console_lines_are_for_people() -> None:
    stream = logged(encoding="console")
    logging.getLogger("canary").error("failed", extra={"canary": "a.b"})
    _, level, _, message, rest = stream.getvalue().rstrip("\n").split("\t")
    assert (level, message, rest) == ("ERROR", "failed", '{"canary": "a.b"}')


def test_a_console_line_ends_with_its_message_and_a_trace_follows() -> None:
    stream = logged(encoding="console")
    logging.getLogger("canary").info("begun")
    _, level, place, message = stream.getvalue().split("\t")
    assert (level, message) == ("INFO", "begun\n")
    assert place.startswith("cli/test_cli_logs.py:")
    try:
        raise ValueError("http://me:s3cret@host")
    except ValueError:
        logging.getLogger("canary").exception("failed")
    _, failed, trace, *_, last = stream.getvalue().splitlines()
    assert failed.endswith("\tfailed")
    assert (trace, last) == ("Traceback (most recent call last):", "ValueError: http://***@host")


def test_lines_go_to_standard_error_where_nothing_else_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("info", "json")
    logging.getLogger("canary").info("begun")
    out, err = capsys.readouterr()
    assert (out, json.loads(err)["msg"]) == ("", "begun")


# operations.md section 2, and section 16 row 1: warning is warn, not info.
@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("debug", ["debug", "info", "warn", "error", "fatal"]),
        ("info", ["info", "warn", "error", "fatal"]),
        ("warn", ["warn", "error", "fatal"]),
        ("warning", ["warn", "error", "fatal"]),
        ("error", ["error", "fatal"]),
        ("fatal", ["fatal"]),
        ("panic", ["fatal"]),
    ],
)
def test_levels(level: str, expected: list[str]) -> None:
    stream = logged(level)
    for number in (10, 20, 30, 40, 50):
        logging.getLogger("canary.kube").log(number, "x")
    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == expected


@pytest.mark.parametrize("libraries", [False, True])
def test_other_libraries_write_in_this_form_only_when_asked(libraries: bool) -> None:
    stream = logged("info", libraries=libraries)
    logging.getLogger("aiohttp.client").info("theirs")
    assert ("theirs" in stream.getvalue()) is libraries


def test_all_our_packages_are_heard() -> None:
    stream = logged("info")
    for name in ("canary.kube", "analysis.connector", "providers.istio"):
        logging.getLogger(name).info("x")
    assert len(stream.getvalue().splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://me:s3cret@host/x", "http://***@host/x"),
        ("https://s3cret@host?q=a@b", "https://***@host?q=a@b"),
        ("http://me:p@s3cret@host/x y@z", "http://***@host/x y@z"),
        ("Authorization: Bearer s3cret.eyJ0-_", "Authorization: Bearer ***"),
        ("authorization: basic dTpwYXNzd29yZA==", "authorization: basic ***"),
        ("GET /x?token=s3cret&a=1", "GET /x?token=***&a=1"),
        ("http://h/x?a=1&api_key=s3cret", "http://h/x?a=1&api_key=***"),
        # Nothing of these is a secret.
        ("basic authentication failed", "basic authentication failed"),
        ("http://prometheus:9090/api", "http://prometheus:9090/api"),
        ("mail me@example.org", "mail me@example.org"),
        ("Advance podinfo.test canary weight 10", "Advance podinfo.test canary weight 10"),
    ],
)
def test_secrets_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected
    stream = logged()
    logging.getLogger("canary").info("%s", text)
    assert json.loads(stream.getvalue())["msg"] == expected
