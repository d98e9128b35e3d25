"""Which representation of an object a client asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from canary.sandbox.refusal import not_acceptable

_AVAILABLE = ("application/json", "application/json;stream=watch")


class Form(Enum):
    """A representation; all are JSON."""

    WHOLE = "whole"
    METADATA = "metadata"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class MediaType:
    """One entry of an Accept header."""

    name: str
    parameters: tuple[tuple[str, str], ...]

    def parameter(self, name: str) -> str:
        return dict(self.parameters).get(name, "")


def form(accept: str) -> Form:
    """The first representation that is available here; raises Refused (406) when there is none."""
    for part in accept.split(",") if accept else ["*/*"]:
        entry = _parsed(part)
        if entry.name not in ("application/json", "application/*", "*/*"):
            continue
        wanted = entry.parameter("as")
        if not wanted:
            return Form.WHOLE
        if (entry.parameter("g"), entry.parameter("v")) != ("meta.k8s.io", "v1"):
            continue
        if wanted == "Table":
            return Form.TABLE
        if wanted in ("PartialObjectMetadata", "PartialObjectMetadataList"):
            return Form.METADATA
    raise not_acceptable(_AVAILABLE)


def _parsed(part: str) -> MediaType:
    name, *parameters = (one.strip() for one in part.split(";"))
    pairs = (one.partition("=") for one in parameters)
    return MediaType(name.lower(), tuple((key, value) for key, _, value in pairs))
