"""Request matches in Istio's shape."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """Camel-case names, unknown fields kept, nothing changed in place."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True
    )


def one_of(*names: str, required: bool) -> dict[str, Any]:
    """Schema rule: exactly one of ``names`` (or none, unless ``required``)."""
    exact: list[dict[str, Any]] = [{"required": [name]} for name in names]
    if required:
        return {"oneOf": exact}
    return {"oneOf": [{"not": {"anyOf": exact}}, *exact]}


class StringMatch(Model):
    """One way to match a string; at most one may be given."""

    model_config = ConfigDict(json_schema_extra=one_of("exact", "prefix", "regex", required=False))

    exact: str | None = None
    prefix: str | None = None
    regex: str | None = None


class HeaderMatch(Model):
    """A condition on a header in an A/B test; exactly one must be given."""

    model_config = ConfigDict(
        json_schema_extra=one_of("exact", "prefix", "suffix", "regex", required=True)
    )

    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    regex: str | None = None


class HttpMatch(Model):
    """An item of ``service.match``."""

    name: str | None = None
    uri: StringMatch | None = None
    scheme: StringMatch | None = None
    method: StringMatch | None = None
    authority: StringMatch | None = None
    headers: dict[str, StringMatch] | None = None
    query_params: dict[str, StringMatch] | None = None
    without_headers: dict[str, StringMatch] | None = None
    ignore_uri_case: bool = False
    port: int | None = None
    source_labels: dict[str, str] | None = None
    source_namespace: str | None = None
    gateways: list[str] | None = None


class AnalysisMatch(Model):
    """An item of ``analysis.match``."""

    headers: dict[str, HeaderMatch] | None = None
    query_params: dict[str, StringMatch] | None = None
    source_labels: dict[str, str] | None = None


class HttpRewrite(Model):
    """``service.rewrite``; any type but ``ReplacePrefixMatch`` means ``ReplaceFullPath``."""

    uri: str | None = None
    authority: str | None = None
    type: str | None = Field(default=None)
