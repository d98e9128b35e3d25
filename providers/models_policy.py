"""Policies that are passed on to the routing objects."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from providers.models_match import Model, StringMatch, one_of


class Retries(Model):
    """``service.retries``."""

    attempts: int | None = None
    per_try_timeout: str | None = None
    retry_on: str | None = None


class HeaderOperations(Model):
    """Changes of one direction's headers."""

    add: dict[str, str] | None = None
    set: dict[str, str] | None = None
    remove: list[str] | None = None


class Headers(Model):
    """``service.headers``."""

    request: HeaderOperations | None = None
    response: HeaderOperations | None = None


class OriginMatch(StringMatch):
    """An allowed origin; exactly one way must be given."""

    model_config = ConfigDict(json_schema_extra=one_of("exact", "prefix", "regex", required=True))


class CorsPolicy(Model):
    """``service.corsPolicy``."""

    allow_origin: list[str] | None = None
    allow_origins: list[OriginMatch] | None = None
    allow_methods: list[str] | None = None
    allow_headers: list[str] | None = None
    expose_headers: list[str] | None = None
    max_age: str | None = None
    allow_credentials: bool = False


class HttpPool(Model):
    """Limits of the HTTP connection pool."""

    h2_upgrade_policy: Literal["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"] | None = Field(
        default=None, alias="h2UpgradePolicy"
    )
    http1_max_pending_requests: int | None = Field(default=None, alias="http1MaxPendingRequests")
    http2_max_requests: int | None = Field(default=None, alias="http2MaxRequests")
    idle_timeout: str | None = None
    max_requests_per_connection: int | None = None
    max_retries: int | None = None


class ConnectionPool(Model):
    """Connection pool settings."""

    http: HttpPool | None = None


class HttpCookie(Model):
    """A cookie to hash on."""

    name: str | None = None
    path: str | None = None
    ttl: str | None = None


class ConsistentHash(Model):
    """Session affinity by hashing."""

    http_header_name: str | None = None
    http_cookie: HttpCookie | None = None
    use_source_ip: bool | None = None
    http_query_parameter_name: str | None = None
    minimum_ring_size: int | None = None


class Distribute(Model):
    """Share of traffic by locality."""

    from_: str | None = Field(default=None, alias="from")
    to: dict[str, int] | None = None


class Failover(Model):
    """Where traffic goes when a locality fails."""

    from_: str | None = Field(default=None, alias="from")
    to: str | None = None


class LocalityLbSetting(Model):
    """Locality load balancing."""

    enabled: bool | None = None
    distribute: list[Distribute] | None = None
    failover: list[Failover] | None = None


class LoadBalancer(Model):
    """Load balancing: ``simple`` or ``consistentHash``."""

    simple: (
        Literal["ROUND_ROBIN", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "LEAST_REQUEST"] | None
    ) = None
    consistent_hash: ConsistentHash | None = None
    locality_lb_setting: LocalityLbSetting | None = None
    warmup_duration_secs: str | None = None


class OutlierDetection(Model):
    """Ejection of failing hosts."""

    base_ejection_time: str | None = None
    interval: str | None = None
    consecutive5xx_errors: int | None = Field(default=None, alias="consecutive5xxErrors")
    consecutive_errors: int | None = None
    consecutive_gateway_errors: int | None = None
    consecutive_local_origin_failures: int | None = None
    split_external_local_origin_errors: bool | None = None
    max_ejection_percent: int | None = None
    min_health_percent: int | None = None


class Tls(Model):
    """TLS towards the upstream."""

    mode: Literal["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"] | None = None
    client_certificate: str | None = None
    private_key: str | None = None
    ca_certificates: str | None = None
    sni: str | None = None
    subject_alt_names: list[str] | None = None


class TrafficPolicy(Model):
    """``service.trafficPolicy``, copied to both DestinationRules."""

    connection_pool: ConnectionPool | None = None
    load_balancer: LoadBalancer | None = None
    outlier_detection: OutlierDetection | None = None
    tls: Tls | None = None
