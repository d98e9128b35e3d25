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
_POD_LABELS = (
    'kubernetes_namespace="{{ namespace }}", '
    'kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"'
)

ISTIO = QuerySet(
    succeeded=_rate("istio_requests_total", f'{_ISTIO_LABELS}, response_code!~"5.*"'),
    total=_rate("istio_requests_total", _ISTIO_LABELS),
    duration=_p99("istio_request_duration_milliseconds_bucket", _ISTIO_LABELS),
)
APPLICATION = QuerySet(
    succeeded=_rate("http_request_duration_seconds_count", f'{_POD_LABELS}, status!~"5.*"'),
    total=_rate("http_request_duration_seconds_count", _POD_LABELS),
    duration=_p99("http_request_duration_seconds_bucket", _POD_LABELS),
    milliseconds=1000.0,
    wraps_rate_errors=False,
)
"""What the application itself reports, for providers that measure nothing."""

_SETS: Mapping[str, QuerySet] = {"istio": ISTIO, "kubernetes": APPLICATION}
_FAMILIES: Mapping[str, QuerySet] = {"gatewayapi": APPLICATION}
"""Providers of which any version has the same queries."""


def query_set(provider: str) -> QuerySet:
    """The queries of a resolved metrics provider such as ``istio`` or ``gatewayapi:v1:service``.

    Raises NoBuiltinQueries, which names the providers that have some.
    """
    name = provider.removesuffix(":service")
    if name in _SETS:
        return _SETS[name]
    for family, queries in _FAMILIES.items():
        if name.startswith(family):
            return queries
    accepted = ", ".join(sorted((*_SETS, *_FAMILIES)))
    raise NoBuiltinQueries(
        f'provider "{provider}" has no built-in queries; there are some for {accepted}'
    )
