"""Structured logs: one line per record, as JSON or for a console, without secrets."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Final, TextIO

OURS: Final = ("canary", "analysis", "providers")
"""The loggers of the product; other libraries have their own."""

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
    "panic": logging.CRITICAL,
}
"""Level names that ``-log-level`` accepts."""

ENCODINGS: Final = ("json", "console")

_NAMES: Final = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    logging.WARNING: "warn",
    logging.ERROR: "error",
    logging.CRITICAL: "fatal",
}

_MASK: Final = "***"
_SECRETS: Final = (
    # The password may hold an @ that nobody escaped: up to the last one before the path.
    (re.compile(r"(://)[^/\s\"'?#]*@"), rf"\1{_MASK}@"),
    # A word of plain letters after it is prose ("basic authentication"), not a credential.
    (re.compile(r"(?i)\b(bearer|basic)(\s+)(?=\S*[\d=])[\w\-.~+/=]{8,}"), rf"\1\2{_MASK}"),
    (
        re.compile(r"(?i)([?&](?:token|access_token|api_?key|key|password|secret)=)[^&\s\"']+"),
        rf"\1{_MASK}",
    ),
)


def masked(text: str) -> str:
    """``text`` without credentials: user info and tokens of URLs, Authorization values."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def configure(
    level: str, encoding: str, *, libraries: bool = False, stream: TextIO | None = None
) -> None:
    """Send our records from ``level`` up to ``stream`` (standard error by default).

    ``libraries``: those of other libraries too. Without it only their warnings show, as they are.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if encoding == "json" else ConsoleFormatter())
    for name in ("", *OURS) if libraries else OURS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(LEVELS[level])
        logger.propagate = False


class _Fields(logging.Formatter):
    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        """What a line says, in its order; ``canary`` comes from the record's ``extra``."""
        moment = datetime.fromtimestamp(record.created, UTC)
        found = {
            "level": _NAMES.get(record.levelno, record.levelname.lower()),
            "ts": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
            "caller": "/".join(record.pathname.split("/")[-2:]) + f":{record.lineno}",
            "logger": record.name,
            "msg": masked(record.getMessage()),
        }
        canary = getattr(record, "canary", "")
        if canary:
            found["canary"] = str(canary)
        if record.exc_info:
            found["stacktrace"] = masked(self.formatException(record.exc_info))
        return found


class JsonFormatter(_Fields):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record), ensure_ascii=False)


class ConsoleFormatter(_Fields):
    """Tab-separated for people: time, level, place, message, then what else there is."""

    def format(self, record: logging.LogRecord) -> str:
        found = self.fields(record)
        trace = found.pop("stacktrace", "")
        parts = [found["ts"], found["level"].upper(), found["caller"], found["msg"]]
        if "canary" in found:
            parts.append(json.dumps({"canary": found["canary"]}))
        line = "\t".join(parts)
        return f"{line}\n{trace}" if trace else line
