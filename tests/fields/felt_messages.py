"""Fields that decide what goes out: to webhooks, to chats, to metrics servers."""

from __future__ import annotations

from typing import Any

from tests.fields import hook_looks, looks
from tests.fields.entry import Felt


def _hook(name: str, means: str, values: Any, wants: Any, look: Any, **hook: Any) -> Felt:
    return Felt(path=f"spec.analysis.webhooks[].{name}", means=means, values=values, wants=wants,
                look=look, beside={"analysis": {"webhooks": [hook]}}, scene="hooked")  # fmt: skip


def _alert(name: str, means: str, values: Any, wants: Any, look: Any) -> Felt:
    return Felt(path=f"spec.analysis.alerts[].{name}", means=means, values=values, wants=wants,
                look=look, scene="alerted")  # fmt: skip


def _chat(name: str, means: str, values: Any, look: Any, *wants: Any, **beside: Any) -> Felt:
    found = (wants[0], wants[1]) if wants else ({values[0]}, {values[1]})
    return Felt(kind="AlertProvider", path=f"spec.{name}", means=means, values=values, wants=found,
                look=look, beside=beside, scene="alerted")  # fmt: skip


def _template(name: str, values: Any, wants: Any, look: Any) -> Felt:
    return Felt(kind="MetricTemplate", path=f"spec.{name}", values=values, wants=wants, look=look,
                scene="template")  # fmt: skip


_AB = ("http://a.test", "http://b.test")
_HTTPS = ("https://a.test", "https://b.test")
_FIRST, _SECOND = {"Authorization": "Bearer first"}, {"Authorization": "Bearer second"}

ENTRIES = (
    _hook("name", "name in events", ("hook", "other"), (["hook"], ["other"]),
          hook_looks.refused_hook),
    _hook("url", "where the request goes", _AB, ({_AB[0]}, {_AB[1]}), hook_looks.urls),
    _hook("type", "when it is called, and what its answer means; `rollout` if absent",
          ("rollout", "confirm-traffic-increase"), (True, False), hook_looks.counts_refusal),
    _hook("muteAlert", "no alert when this gate closes", (False, True), (1, 0),
          hook_looks.alert_of_a_gate, type="confirm-traffic-increase"),
    _hook("timeout", "how long one attempt may take; 10s if absent", ("5s", "6s"), ({5.0}, {6.0}),
          hook_looks.timeouts),
    _hook("retries", "attempts after the first", (0, 2), (1, 3), hook_looks.attempts),
    _hook("disableTLS", "any certificate is accepted", (False, True), ({True}, {False}),
          hook_looks.verifies),
    _hook("metadata", "sent along", ({"a": "1"}, {"a": "2"}), ({"a": "1"}, {"a": "2"}),
          hook_looks.metadata),
    _alert("severity", "from which severity on; all if absent", ("info", "error"), (1, 0),
           hook_looks.messages),
    _alert("providerRef.name", "the AlertProvider", ("chat", "other"),
           ({"https://chat.test"}, {"https://other.test"}), hook_looks.chats),
    _alert("providerRef.namespace", "its namespace; the Canary's if absent", ("test", "base"),
           ({"https://chat.test"}, {"https://base.test"}), hook_looks.chats),
    _template("provider.address", _AB, ((_AB[0],), (_AB[1],)), looks.address_asked),
    _template("provider.headers", ({"X-A": ["1"]}, {"X-A": ["2"]}), ({"X-A": "1"}, {"X-A": "2"}),
              looks.headers_asked),
    _template("provider.secretRef.name", ("credentials", "others"), (_FIRST, _SECOND),
              looks.headers_asked),
    _template("provider.insecureSkipVerify", (False, True), (True, False), looks.verified),
    _template("query", ("one", "two"), (("one",), ("two",)), looks.queries),
    _chat("type", "kind of chat", ("slack", "rocket"), hook_looks.colours, {"good"}, {"#0076D7"}),
    _chat("channel", "channel; `general` if absent", ("a", "b"), hook_looks.channels),
    _chat("username", "sender; `flagger` if absent", ("a", "b"), hook_looks.usernames),
    _chat("address", "URL of the chat's webhook", _HTTPS, hook_looks.chats),
    _chat("secretRef.name", "",
          ("address", "another"), hook_looks.chats, {"https://secret.test"},
          {"https://another.test"}),
    _chat("proxy", "proxy for the way there; that of the environment if absent", _AB,
          hook_looks.proxies),
)  # fmt: skip
