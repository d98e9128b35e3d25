"""Queries behind ``request-success-rate`` and ``request-duration``, by traffic provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SUCCESS_RATE = "request-success-rate"
DURATION = "request-duration"
NAMES = (SUCCESS_RATE, DURATION)


class NoBuiltinQueries(LookupError):
    """This provider has no built-in queries; nothing else is measured in their place."""


@dataclass(frozen=True, slots=True)
class QuerySet:
    """Templates of PromQL for one provider.

    ``succeeded`` and ``total`` are rates of requests, ``duration`` is a quantile or mean.
    ``milliseconds`` is how many of them one unit of ``duration`` has. ``wraps_rate_errors``: the
    error of a success rate is introduced by ``running query failed:``, which Flagger leaves out
    for some providers.
    """

    succeeded: str
    total: str
    duration: str
    milliseconds: float = 1.0
    wraps_rate_errors: bool = True

    @property
    def success_rate(self) -> str:
        """Percentage of requests that didn't fail; without value when none succeeded or none came.

        The leading space is part of the query that Flagger sends.
        """
        return f" {self.succeeded} / {self.total} * 100"

    @property
    def all_requests(self) -> str:
        """The denominator of ``success_rate`` alone: tells all failed from none came."""
        return f" {self.total}"

    @property
    def latency(self) -> str:
        """The duration of requests."""
        return f" {self.duration}"


def _rate(series: str, labels: str) -> str:
    return f"sum( rate( {series}{{ {labels} }}[{{{{ interval }}}}] ) )"


def _p99(series: str, labels: str) -> str:
    return f"histogram_quantile( 0.99, {_rate(series, labels)} by (le) )"


_ISTIO_LABELS = (
    'reporter="destination", destination_workload_namespace="{{ namespace }}", '
    'destination_workload=~"{{ target }}"'
)
ISTIO = QuerySet(
    succeeded=_rate("istio_requests_total", f'{_ISTIO_LABELS}, response_code!~"5.*"'),
    total=_rate("istio_requests_total", _ISTIO_LABELS),
    duration=_p99("istio_request_duration_milliseconds_bucket", _ISTIO_LABELS),
)

_NGINX_LABELS = 'namespace="{{ namespace }}", ingress="{{ ingress }}", canary!=""'
_NGINX_DURATION = "nginx_ingress_controller_response_duration_seconds"
NGINX = QuerySet(
    succeeded=_rate("nginx_ingress_controller_requests", f'{_NGINX_LABELS}, status!~"5.*"'),
    total=_rate("nginx_ingress_controller_requests", _NGINX_LABELS),
    duration=(
        f"{_rate(f'{_NGINX_DURATION}_sum', _NGINX_LABELS)} / "
        f"{_rate(f'{_NGINX_DURATION}_count', _NGINX_LABELS)} * 1000"
    ),
)
"""Of what the controller served through the canary Ingress; the duration is a mean."""


def _application(pod_suffix: str) -> QuerySet:
    """What the application itself reports, for providers that measure nothing."""
    labels = (
        'kubernetes_namespace="{{ namespace }}", '
        f'kubernetes_pod_name=~"{{{{ target }}}}-{pod_suffix}"'
    )
    return QuerySet(
        succeeded=_rate("http_request_duration_seconds_count", f'{labels}, status!~"5.*"'),
        total=_rate("http_request_duration_seconds_count", labels),
        duration=_p99("http_request_duration_seconds_bucket", labels),
        milliseconds=1000.0,
        wraps_rate_errors=False,
    )


APPLICATION = _application("[0-9a-zA-Z]+(-[0-9a-zA-Z]+)")
DAEMON_APPLICATION = _application("[0-9a-zA-Z]+")
"""For DaemonSets: their pods have one suffix, and with two it would be the primary's that match."""

_SETS: Mapping[str, QuerySet] = {
    "istio": ISTIO,
    "kubernetes": APPLICATION,
    "nginx": NGINX,
}
_FAMILIES: Mapping[str, QuerySet] = {"gatewayapi": APPLICATION}
"""Providers of which any version has the same queries."""


def query_set(provider: str, kind: str = "Deployment") -> QuerySet:
    """The queries of a resolved metrics provider such as ``istio`` or ``gatewayapi:v1:service``.

    ``kind`` is the one of the target. Raises NoBuiltinQueries, which names the providers that
    have some.
    """
    name = provider.removesuffix(":service")
    family = next((family for family in _FAMILIES if name.startswith(family)), None)
    queries = _SETS.get(name) if family is None else _FAMILIES[family]
    if queries is not None:
        return DAEMON_APPLICATION if (queries, kind) == (APPLICATION, "DaemonSet") else queries
    accepted = ", ".join(sorted((*_SETS, *_FAMILIES)))
    raise NoBuiltinQueries(
        f'provider "{provider}" has no built-in queries; there are some for {accepted}'
    )
