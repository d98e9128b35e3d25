"""``spec.service`` and the references to routing objects, as Flagger 1.44 accepts them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from providers.models_match import HttpMatch, HttpRewrite
from providers.models_policy import CorsPolicy, Headers, Retries, TrafficPolicy


class Model(BaseModel):
    """Camel-case names, unknown fields kept, nothing changed in place."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True
    )


class Metadata(Model):
    """Extra labels and annotations of a generated object."""

    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class UnmanagedMetadata(Model):
    """Keys that the engine keeps as it finds them."""

    labels: list[str] | None = None
    annotations: list[str] | None = None


class GatewayRef(Model):
    """A parent of the HTTPRoute."""

    group: str = "gateway.networking.k8s.io"
    kind: str = "Gateway"
    namespace: str | None = None
    name: str
    section_name: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None


class MirrorBackend(Model):
    """Where a static mirror goes; a core Service needs a port."""

    model_config = ConfigDict(
        json_schema_extra={
            "x-kubernetes-validations": [
                {
                    "rule": "(size(self.group) == 0 && self.kind == 'Service') "
                    "? has(self.port) : true",
                    "message": "Must have port for Service reference",
                }
            ]
        }
    )

    group: str = ""
    kind: str = "Service"
    name: str
    namespace: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None


class Mirror(Model):
    """A static mirror filter of an HTTPRoute."""

    backend_ref: MirrorBackend | None = None


class ServiceSpec(Model):
    """``spec.service``: the Services, and what the routing objects are made of."""

    name: str | None = None
    port: int
    port_name: str | None = None
    target_port: int | str | None = Field(
        default=None, json_schema_extra={"x-kubernetes-int-or-string": True}
    )
    app_protocol: str | None = None
    traffic_distribution: Literal["PreferClose", "PreferSameZone", "PreferSameNode"] | None = None
    port_discovery: bool = False
    headless: bool = False
    timeout: str | None = None
    backend_timeout: str | None = None
    gateways: list[str] | None = None
    gateway_refs: Annotated[list[GatewayRef], Field(max_length=32)] | None = None
    hosts: list[str] | None = None
    delegation: bool = False
    traffic_policy: TrafficPolicy | None = None
    match: list[HttpMatch] | None = None
    rewrite: HttpRewrite | None = None
    retries: Retries | None = None
    headers: Headers | None = None
    mirror: list[Mirror] | None = None
    cors_policy: CorsPolicy | None = None
    mesh_name: str | None = None
    backends: list[str] | None = None
    apex: Metadata | None = None
    primary: Metadata | None = None
    canary: Metadata | None = None
    unmanaged_metadata: UnmanagedMetadata | None = None


class IngressRef(Model):
    """The Ingress of nginx and skipper."""

    api_version: str
    kind: Literal["Ingress"]
    name: str


class RouteRef(Model):
    """The ApisixRoute."""

    api_version: str
    kind: Literal["ApisixRoute"]
    name: str


class UpstreamRef(Model):
    """Gloo: the upstream whose settings are copied."""

    api_version: str
    kind: Literal["Upstream"]
    name: str
    namespace: str | None = None


class SessionAffinity(Model):
    """Sticky cookies."""

    cookie_name: str
    primary_cookie_name: str | None = None
    max_age: int = 86400
    domain: str | None = None
    path: str | None = None
    http_only: bool = False
    partitioned: bool = False
    secure: bool = False
    same_site: Literal["Strict", "Lax", "None"] | None = None


Raw = dict[str, Any]
