"""The flags against those of Flagger 1.44, and what refuses a start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from canary.cli.configure import configure
from canary.cli.flags import BY_NAME, FLAGS, Kind, Standing
from canary.cli.goflags import UsageError
from canary.controller.settings import Settings
from canary.notify.receiver import Receiver

FLAGGER = yaml.safe_load(
    (Path(__file__).parent / "data" / "flags-1.44.yaml").read_text(encoding="utf-8")
)
ROWS: list[dict[str, str]] = FLAGGER["flags"]
LOGGING: list[str] = FLAGGER["logging"]
REFUSED = [flag.name for flag in FLAGS if flag.standing is Standing.REFUSED]


def settings(*arguments: str, **environ: str) -> Settings:
    found = configure(arguments, environ)
    assert found is not None
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_each_flag_of_flagger_is_here_with_its_default(row: dict[str, str]) -> None:
    flag = BY_NAME[row["name"]]
    assert flag.default == row["default"]
    assert flag.environment == row.get("environment", "")
    assert flag.standing is not Standing.IGNORED


def test_what_flagger_does_not_have_is_ours_by_intent() -> None:
    theirs = {row["name"] for row in ROWS} | set(LOGGING)
    assert {flag.name for flag in FLAGS} - theirs == {
        "interval-floor",
        "max-concurrent-runs",
        "max-concurrent-runs-per-namespace",
    }


@pytest.mark.parametrize("dashes", ["-", "--"])
@pytest.mark.parametrize("name", LOGGING)
def test_flags_of_the_logging_library_change_nothing(name: str, dashes: str) -> None:
    value = "true" if BY_NAME[name].kind is Kind.SWITCH else "/tmp/x=5"
    assert settings(f"{dashes}{name}={value}", "-port=9") == settings("-port=9")


def test_its_switches_need_no_value_and_its_values_may_stand_apart() -> None:
    assert settings("-logtostderr", "-v", "4", "-skip_headers", "-port=9") == settings("-port=9")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_supported_yet_is_refused_by_name_without_its_value(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        configure([f"-{name}=s3cret"], {})
    assert f"-{name}" in str(caught.value).split(": ")[1]
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_its_default_is_no_reason(name: str) -> None:
    assert settings(f"-{name}={BY_NAME[name].default}") == settings()


def test_the_variable_of_the_event_webhook_wins() -> None:
    # webhooks.md 6.
    found = settings("-event-webhook=http://a.test", EVENT_WEBHOOK_URL="http://b.test")
    assert found.event_webhook == "http://b.test"


def test_all_refused_flags_are_one_line() -> None:
    with pytest.raises(UsageError) as caught:
        configure(["-kubeconfig-service-mesh=a", "-ingress-class=b"], {})
    text = str(caught.value)
    assert "\n" not in text
    names = ("-kubeconfig-service-mesh", "-ingress-class")
    assert all(name in text for name in names)


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("-kubeconfig=/k", "kubeconfig", "/k"),
        ("-master=https://m", "master", "https://m"),
        ("-kubeconfig-qps=7", "qps", 7),
        ("-kubeconfig-burst=8", "burst", 8),
        ("-metrics-server=http://p:1", "metrics_server", "http://p:1"),
        ("-mesh-provider=gatewayapi:v1", "mesh_provider", "gatewayapi:v1"),
        ("-namespace=shop", "namespaces", ("shop",)),
        # operations.md section 16 row 24.
        ("-namespace=shop,ci,shop", "namespaces", ("shop", "ci")),
        ("-interval-floor=1s", "interval_floor", 1.0),
        ("-selector-labels=a,b", "selector_labels", ("a", "b")),
        ("-include-label-prefix=a/,b", "include_label_prefixes", ("a/", "b")),
        ("-enable-config-tracking=false", "config_tracking", False),
        ("-no-cross-namespace-refs", "no_cross_namespace_refs", True),
        ("-cluster-name=c", "cluster_name", "c"),
        ("-event-webhook=http://a.test", "event_webhook", "http://a.test"),
        ("-ingress-annotations-prefix=n.io", "ingress_annotations", "n.io"),
        ("-threadiness=9", "threadiness", 9),
        ("-port=1", "port", 1),
        ("-log-level=warning", "log_level", "warning"),
        ("-zap-encoding=console", "log_encoding", "console"),
        ("-zap-replace-globals", "log_libraries", True),
        ("-enable-leader-election", "leader_election", True),
        ("-leader-election-namespace=l", "leader_election_namespace", "l"),
        # operations.md section 6, and section 16 row 23: a namespace that is given wins.
        ("-namespace=shop", "leader_election_namespace", "shop"),
        ("-namespace=shop -leader-election-namespace=l", "leader_election_namespace", "l"),
        ("", "leader_election_namespace", "kube-system"),
    ],
)
def test_where_a_flag_goes(arguments: str, field: str, value: Any) -> None:
    found = settings(*arguments.split())
    assert getattr(found, field) == value
    others = {"leader_election_namespace", "namespaces"} | {field}
    for name in set(Settings.__slots__) - others:
        assert getattr(found, name) == getattr(Settings(), name)


def test_without_flags_the_defaults_are_flaggers() -> None:
    assert settings() == Settings()


SLACK = ("-slack-url=https://s.test", "-slack-channel=ops")


@pytest.mark.parametrize(
    ("arguments", "environ", "notifier"),
    [
        (SLACK, {}, Receiver("slack", "https://s.test", "ops")),
        (
            (*SLACK, "-slack-user=bot", "-slack-token=t", "-slack-proxy-url=http://p.test"),
            {},
            Receiver("slack", "https://s.test", "ops", "bot", "t", "http://p.test"),
        ),
        # A variable wins over its flag, unless it is empty.
        (
            (*SLACK, "-slack-token=t"),
            {"SLACK_URL": "https://e.test", "SLACK_TOKEN": "e", "SLACK_PROXY_URL": ""},
            Receiver("slack", "https://e.test", "ops", token="e"),
        ),
        # Teams wins over Slack; without an address there is nobody.
        (
            (*SLACK, "-msteams-url=https://t.test", "-msteams-proxy-url=http://p.test"),
            {},
            Receiver("msteams", "https://t.test", proxy="http://p.test"),
        ),
        (SLACK, {"MSTEAMS_URL": "https://e.test"}, Receiver("msteams", "https://e.test")),
        (("-slack-channel=ops", "-slack-token=t", "-msteams-proxy-url=http://p.test"), {}, None),
        # What it lacks is said at the start, which goes on.
        (("-slack-url=nowhere",), {}, Receiver("slack", "nowhere", "")),
    ],
)
def test_who_gets_the_alerts(
    arguments: tuple[str, ...], environ: dict[str, str], notifier: Receiver | None
) -> None:
    assert settings(*arguments, **environ).notifier == notifier


def test_version_needs_nothing_else_to_be_right() -> None:
    assert configure(["-version", "-ingress-class=x", "-port=no"], {}) is None


@pytest.mark.parametrize(
    ("argument", "accepted"),
    [
        ("-log-level=verbose", "debug, info, warn, warning, error, fatal, panic"),
        ("-zap-encoding=xml", "json, console"),
        ("-port=65536", "0 to 65535"),
        ("-port=http", "0 to 65535"),
        ("-threadiness=0", "1 to 1000"),
        ("-kubeconfig-qps=0", "1 to"),
        ("-interval-floor=0s", "above 0"),
        ("-interval-floor=10", "10s or 1m30s"),
        ("-control-loop-interval=soon", "10s or 1m30s"),
        ("-mesh-provider=skipper", "gatewayapi:v1, istio, kubernetes, nginx"),
        ("-metrics-server=prometheus", "http or https"),
        ("-metrics-server=", "http or https"),
        ("-namespace=Shop", "names of namespaces"),
        ("-selector-labels=,", "label keys"),
        ("-ingress-annotations-prefix=a/b", "a DNS name"),
        ("-enable-leader-election=maybe", "true and false"),
    ],
)
def test_a_value_that_can_not_be_meant_names_flag_value_and_what_would_do(
    argument: str, accepted: str
) -> None:
    name, _, value = argument.partition("=")
    with pytest.raises(UsageError) as caught:
        configure([argument], {})
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)
    assert accepted in str(caught.value)


def test_a_refusal_shows_no_password() -> None:
    with pytest.raises(UsageError) as caught:
        configure(["-metrics-server=ftp://me:s3cret@host"], {})
    assert "s3cret" not in str(caught.value)
