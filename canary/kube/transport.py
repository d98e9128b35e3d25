"""The seam between the engine and an API server: one request, one answer.

The real transport speaks HTTP through kubernetes-asyncio; the sandbox's store implements the same
protocol in process, so that the client, the reflectors and the controller run unchanged against it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_ONLY_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the Kubernetes API.

    ``path`` is absolute without a host (``/apis/apps/v1/namespaces/a/deployments/b``), ``query``
    holds unescaped values, ``timeout`` is in seconds and bounds the whole request (for a watch: the
    time until the response's headers).
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = JSON
    accept: str = JSON
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: HTTP status, headers with lower-case names, the raw body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Stream(Protocol):
    """An open watch: status and headers have arrived, lines follow."""

    status: int
    headers: Mapping[str, str]

    async def body(self) -> bytes:
        """The rest as one body; for an answer that isn't a stream (an error)."""

    def lines(self) -> AsyncIterator[bytes]:
        """Each JSON document of the watch, without its line end, until the server closes it."""


class TransportError(Exception):
    """No answer arrived. Whether the server applied the request is unknown."""


class TransportTimeout(TransportError):
    """The request's timeout passed before the answer arrived."""


class Transport(Protocol):
    """Carries requests to one API server."""

    async def request(self, request: Request) -> Response:
        """Send and wait for the whole answer; raises TransportError when none arrives."""

    def stream(self, request: Request) -> AbstractAsyncContextManager[Stream]:
        """Open a watch; leaving the context closes it. Raises TransportError like ``request``."""

    async def close(self) -> None:
        """Release pooled connections."""
