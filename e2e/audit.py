"""The API server's audit log: who asked for what, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from e2e.installation import CREDENTIAL

READS = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Request:
    """One answered request. ``at`` is when it arrived (Unix time), ``resource`` is written as in
    rules (``canaries/status``), ``credential`` says with which token it came."""

    at: float
    user: str
    credential: str
    verb: str
    group: str
    resource: str
    namespace: str
    name: str
    code: int
    body: Mapping[str, Any] | None

    @property
    def writes(self) -> bool:
        """Whether it meant to change something that is stored."""
        return self.verb not in READS and self.group != "authorization.k8s.io"

    @property
    def leads(self) -> bool:
        """A write that only a leader makes."""
        return self.writes and self.resource != "leases" and self.code < 300

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}".strip("/")
        group = f".{self.group}" if self.group else ""
        return f"{self.verb} {self.resource}{group} {where}: {self.code}"


def requests(log: Path) -> Iterator[Request]:
    """All answered requests so far, in the order in which they were answered."""
    with log.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                event = json.loads(line)
                # A watch is reported when it begins, and again when it ends.
                if event["stage"] in ("ResponseComplete", "ResponseStarted"):
                    yield _request(event)


def _request(event: Mapping[str, Any]) -> Request:
    reference = event.get("objectRef") or {}
    resource, part = reference.get("resource", ""), reference.get("subresource", "")
    user = event["user"]
    return Request(
        at=datetime.fromisoformat(event["requestReceivedTimestamp"]).timestamp(),
        user=user["username"],
        credential=next(iter((user.get("extra") or {}).get(CREDENTIAL, ())), ""),
        verb=event["verb"],
        group=reference.get("apiGroup", ""),
        resource=f"{resource}/{part}" if part else resource,
        namespace=reference.get("namespace", ""),
        name=reference.get("name", ""),
        code=int((event.get("responseStatus") or {}).get("code", 0)),
        body=event.get("requestObject"),
    )
