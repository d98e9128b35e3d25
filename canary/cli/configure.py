"""From flags and environment to settings. What can't be honoured is refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from analysis.duration import DurationError
from analysis.duration import parse as seconds
from canary.cli.flags import BY_NAME, FLAGS, Flag, Kind, Standing
from canary.cli.goflags import UsageError, parse
from canary.controller.logs import masked
from canary.controller.settings import Settings
from canary.notify.receiver import Receiver

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PREFIX = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


def configure(arguments: Sequence[str], environ: Mapping[str, str]) -> Settings | None:
    """The settings of a process; None when only its version was asked for.

    Raises HelpAsked, and UsageError naming flag or variable, value, and what is accepted.
    """
    given = parse(arguments, BY_NAME)
    values = {flag.name: _value(flag, given, environ) for flag in FLAGS}
    if values["version"] == "true":
        return None
    refused = list(_refused(given))
    if refused:
        raise UsageError(f"not supported yet, remove to start: {', '.join(refused)}")
    for flag in FLAGS:
        _check(flag, values[flag.name])
    return _settings(values, given)


def _value(flag: Flag, given: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """As set: a variable that isn't empty wins over its flag."""
    variable = environ.get(flag.environment, "") if flag.environment else ""
    return variable or given.get(flag.name, flag.default)


def _refused(given: Mapping[str, str]) -> Iterator[str]:
    """What asks for a feature that isn't there, without its value: it may be a secret."""
    for flag in FLAGS:
        refused = flag.standing is Standing.REFUSED
        if refused and given.get(flag.name, "") not in ("", flag.default):
            yield f"-{flag.name}"


def _settings(values: Mapping[str, str], given: Mapping[str, str]) -> Settings:
    namespaces = _namespaces(values["namespace"])
    lease = values["leader-election-namespace"]
    if "leader-election-namespace" not in given and namespaces:
        lease = namespaces[0]
    elif not _NAMESPACE.fullmatch(lease):
        raise _invalid("leader-election-namespace", lease, "the name of a namespace is accepted")
    return Settings(
        mesh_provider=_mesh_provider(values["mesh-provider"]),
        ingress_annotations=_prefix(values["ingress-annotations-prefix"]),
        event_webhook=values["event-webhook"],
        metrics_server=_metrics_server(values["metrics-server"]),
        namespaces=namespaces,
        selector_labels=_labels(values["selector-labels"]),
        include_label_prefixes=_listed(values["include-label-prefix"]),
        config_tracking=values["enable-config-tracking"] == "true",
        no_cross_namespace_refs=values["no-cross-namespace-refs"] == "true",
        cluster_name=values["cluster-name"],
        notifier=_notifier(values),
        interval_floor=_positive_duration("interval-floor", values),
        max_runs=_number("max-concurrent-runs", values, 0, 1_000_000),
        max_runs_per_namespace=_number("max-concurrent-runs-per-namespace", values, 0, 1_000_000),
        threadiness=_number("threadiness", values, 1, 1000),
        leader_election=values["enable-leader-election"] == "true",
        leader_election_namespace=lease,
        port=_number("port", values, 0, 65535),
        log_level=values["log-level"],
        log_encoding=values["zap-encoding"],
        log_libraries=values["zap-replace-globals"] == "true",
        kubeconfig=values["kubeconfig"],
        master=values["master"],
        qps=_number("kubeconfig-qps", values, 1, 1_000_000),
        burst=_number("kubeconfig-burst", values, 1, 1_000_000),
    )


def _notifier(values: Mapping[str, str]) -> Receiver | None:
    """Teams if it has an address, else Slack, else none. The start says whether it is usable."""
    if values["msteams-url"]:
        proxy = values["msteams-proxy-url"]
        return Receiver("msteams", values["msteams-url"], proxy=proxy)
    if not values["slack-url"]:
        return None
    return Receiver(
        "slack",
        values["slack-url"],
        channel=values["slack-channel"],
        username=values["slack-user"],
        token=values["slack-token"],
        proxy=values["slack-proxy-url"],
    )


def _check(flag: Flag, value: str) -> None:
    """What the table itself says about a value."""
    if flag.accepted and value not in flag.accepted:
        raise _invalid(flag.name, value, f"accepted are {', '.join(flag.accepted)}")
    if flag.kind is Kind.DURATION:
        try:
            seconds(value)
        except DurationError as error:
            raise _invalid(
                flag.name, value, "accepted is a duration such as 10s or 1m30s"
            ) from error


def _number(name: str, values: Mapping[str, str], low: int, high: int) -> int:
    text = values[name]
    if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
        raise _invalid(name, text, f"accepted is a whole number from {low} to {high}")
    return int(text)


def _positive_duration(name: str, values: Mapping[str, str]) -> float:
    found = seconds(values[name])
    if found <= 0:
        raise _invalid(name, values[name], "accepted is a duration above 0")
    return found


def _listed(text: str) -> tuple[str, ...]:
    """The items of a comma separated list, each once, in their order."""
    return tuple(dict.fromkeys(item.strip() for item in text.split(",") if item.strip()))


def _namespaces(text: str) -> tuple[str, ...]:
    found = _listed(text)
    for name in found:
        if not _NAMESPACE.fullmatch(name):
            raise _invalid("namespace", name, "accepted are names of namespaces, comma separated")
    return found


def _labels(text: str) -> tuple[str, ...]:
    found = _listed(text)
    if not found:
        raise _invalid("selector-labels", text, "accepted are label keys, comma separated")
    return found


def _mesh_provider(name: str) -> str:
    from providers.registry import UnusableProvider, provider

    try:
        provider(name)
    except UnusableProvider as error:
        raise UsageError(f"invalid value {name!r} for flag -mesh-provider: {error}") from error
    return name


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        accepted = "accepted is a DNS name, such as nginx.ingress.kubernetes.io"
        raise _invalid("ingress-annotations-prefix", text, accepted)
    return text


def _metrics_server(address: str) -> str:
    # Here, so that `canary run -h` doesn't load an HTTP client.
    from analysis.interface import SourceError
    from analysis.prometheus.address import parse_address

    try:
        parse_address(address)
    except SourceError as error:
        raise _invalid(
            "metrics-server", masked(address), "accepted is an http or https URL"
        ) from error
    return address


def _invalid(name: str, value: str, accepted: str) -> UsageError:
    return UsageError(f"invalid value {value!r} for flag -{name}: {accepted}")
