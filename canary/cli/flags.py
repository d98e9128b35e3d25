"""The flags of ``canary run``: the one table that parser, documentation and tests go by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from providers.interface import INGRESS_ANNOTATIONS


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    NUMBER = "whole number"
    SWITCH = "true or false"
    DURATION = "duration"


class Standing(StrEnum):
    """What a flag does here."""

    APPLIES = "applies"
    NO_EFFECT = "no effect"
    """Accepted and checked; what it tunes in Flagger doesn't exist here."""
    REFUSED = "not supported yet"
    """Any value but the default refuses the start."""
    IGNORED = "ignored"
    """Of Flagger's logging library; accepted with any value."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag; ``default`` is written as on a command line.

    ``environment`` is the variable that wins over the flag when it isn't empty. ``accepted`` lists
    all values there are, empty when there is no such list.
    """

    name: str
    kind: Kind
    default: str
    help: str
    standing: Standing = Standing.APPLIES
    environment: str = ""
    accepted: tuple[str, ...] = ()


_T, _N, _S, _D = Kind.TEXT, Kind.NUMBER, Kind.SWITCH, Kind.DURATION
_ON, _NO, _LATER = Standing.APPLIES, Standing.NO_EFFECT, Standing.REFUSED
_LEVELS: Final = ("debug", "info", "warn", "warning", "error", "fatal", "panic")
_WORKLOAD_LABELS: Final = "app,name,app.kubernetes.io/name"

_OURS: Final = (
    Flag("kubeconfig", _T, "", "path of a kubeconfig; empty: in-cluster configuration"),
    Flag("master", _T, "", "address of the API server, instead of the kubeconfig's"),
    Flag("kubeconfig-qps", _N, "100", "requests a second to the API server, on average"),
    Flag("kubeconfig-burst", _N, "250", "requests to the API server at once"),
    Flag("ingress-annotations-prefix", _T, INGRESS_ANNOTATIONS, "prefix that ingress-nginx reads"),
    Flag("metrics-server", _T, "http://prometheus:9090", "Prometheus of built-in metrics"),
    Flag("mesh-provider", _T, "istio", "traffic provider of Canaries that name none"),
    Flag("namespace", _T, "", "namespaces to watch, comma separated; empty: all"),
    Flag("interval-floor", _D, "10s", "shortest interval of an analysis; shorter ones are raised"),
    Flag("selector-labels", _T, _WORKLOAD_LABELS, "labels tried, in order, as pod selector"),
    Flag("include-label-prefix", _T, "", "prefixes of labels copied to the primary; * for all"),
    Flag("enable-config-tracking", _S, "true", "follow and copy ConfigMaps and Secrets"),
    Flag("no-cross-namespace-refs", _S, "false", "refuse references into other namespaces"),
    Flag("cluster-name", _T, "", "name of this cluster in alerts"),
    Flag("max-concurrent-runs", _N, "0", "rollouts in flight at once; others queue; 0: any number"),
    Flag("max-concurrent-runs-per-namespace", _N, "0", "the same in each namespace"),
    Flag("threadiness", _N, "2", "times 16: Canaries that are reconciled at the same time"),
    Flag("port", _N, "8080", "port of health and metrics; 0: any free one"),
    Flag("log-level", _T, "debug", "lowest level to log", accepted=_LEVELS),
    Flag("zap-encoding", _T, "json", "form of log lines", accepted=("json", "console")),
    Flag("zap-replace-globals", _S, "false", "write the logs of libraries in this form too"),
    Flag("enable-leader-election", _S, "false", "lead only while holding the Lease"),
    Flag(
        "leader-election-namespace",
        _T,
        "kube-system",
        "namespace of the Lease; when not given, the first of -namespace if there is one",
    ),
    Flag("version", _S, "false", "print the version and exit"),
    Flag("control-loop-interval", _D, "10s", "changes are seen at once, whatever this says", _NO),
)

_NOTIFIER: Final = (
    Flag("slack-url", _T, "", "Slack gets alerts of Canaries without their own", _ON, "SLACK_URL"),
    Flag("slack-token", _T, "", "bearer token for Slack", _ON, "SLACK_TOKEN"),
    Flag("slack-proxy-url", _T, "", "proxy to Slack", _ON, "SLACK_PROXY_URL"),
    Flag("slack-user", _T, "flagger", "user name in Slack"),
    Flag("slack-channel", _T, "", "channel in Slack; has to be set with an address"),
    Flag("msteams-url", _T, "", "Teams gets them, instead of Slack", _ON, "MSTEAMS_URL"),
    Flag("msteams-proxy-url", _T, "", "proxy to Teams", _ON, "MSTEAMS_PROXY_URL"),
    Flag(
        "event-webhook",
        _T,
        "",
        "gets events of Canaries without event hook",
        _ON,
        "EVENT_WEBHOOK_URL",
    ),
)

_NOT_YET: Final = (
    Flag("kubeconfig-service-mesh", _T, "", "cluster that holds the routing objects", _LATER),
    Flag("ingress-class", _T, "", "class of Contour's HTTPProxy objects", _LATER),
)

_KLOG_SWITCHES: Final = (
    "logtostderr",
    "alsologtostderr",
    "legacy_stderr_threshold_behavior",
    "add_dir_header",
    "one_output",
    "skip_headers",
    "skip_log_headers",
)
_KLOG_VALUES: Final = (
    "v",
    "vmodule",
    "alsologtostderrthreshold",
    "stderrthreshold",
    "log_dir",
    "log_file",
    "log_file_max_size",
    "log_backtrace_at",
)
_KLOG: Final = (
    *(Flag(name, _S, "", "", Standing.IGNORED) for name in _KLOG_SWITCHES),
    *(Flag(name, _T, "", "", Standing.IGNORED) for name in _KLOG_VALUES),
)

FLAGS: Final = (*_OURS, *_NOTIFIER, *_NOT_YET, *_KLOG)
BY_NAME: Final = {flag.name: flag for flag in FLAGS}
