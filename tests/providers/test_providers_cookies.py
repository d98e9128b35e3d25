"""Cookies of session affinity (providers.md 2.7, D39)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_objects import canary

from providers import cookies
from providers.expressions import escape


def sticky(interval: str = "1m", **affinity: Any) -> dict[str, Any]:
    obj = canary()
    obj["spec"]["analysis"] = {
        "interval": interval,
        "sessionAffinity": {"cookieName": "aff", **affinity},
    }
    return obj


ALL = {
    "maxAge": 60,
    "domain": "example.com",
    "httpOnly": True,
    "partitioned": True,
    "path": "/",
    "sameSite": "Strict",
    "secure": True,
}
ATTRIBUTES = "Domain=example.com; HttpOnly; Partitioned; Path=/; SameSite=Strict; Secure"


def test_attributes_come_in_their_order() -> None:
    # api.md 3.8
    assert cookies.canary_cookie(sticky(**ALL), "aff=x") == f"aff=x; Max-Age=60; {ATTRIBUTES}"
    assert cookies.primary_cookie(sticky(**ALL), "p=x") == f"p=x; Max-Age=60; {ATTRIBUTES}"


def test_a_cookie_is_deleted_with_the_attributes_it_was_set_with() -> None:
    # D39
    assert cookies.expiry(sticky(**ALL), "aff=x") == f"aff=x; Max-Age=-1; {ATTRIBUTES}"


@pytest.mark.parametrize(
    ("given", "seconds"), [({}, 86400), ({"maxAge": 0}, 86400), ({"maxAge": 9.0}, 9)]
)
def test_how_long_the_canary_keeps_a_user(given: dict[str, Any], seconds: int) -> None:
    assert cookies.canary_cookie(sticky(**given), "aff=x") == f"aff=x; Max-Age={seconds}"


@pytest.mark.parametrize(
    ("interval", "seconds"), [("1m", 60), ("5s", 5), ("1m30s", 90), ("", 60), ("soon", 60)]
)
def test_the_primary_keeps_a_user_for_an_interval(interval: str, seconds: int) -> None:
    # api.md 2: the plain value, also below 10 s; 60 s where there is none
    assert cookies.primary_cookie(sticky(interval), "p=x") == f"p=x; Max-Age={seconds}"


NAMES = st.text("aA-_.+$(|)[\\^*?{}", min_size=1, max_size=6)


@given(name=NAMES, value=st.text("XYZ", min_size=1, max_size=10))
def test_bearers_and_nobody_else_are_recognised(name: str, value: str) -> None:
    # D39: proxies match the whole header
    pair = f"{name}={value}"
    expression = re.compile(cookies.pattern(pair))
    for header in (pair, f"a=b; {pair}", f"a=b;{pair}; c=d", f"{pair}; c=d"):
        assert expression.fullmatch(header)
    for header in (f"x{pair}", f"{pair}x", f"{name}=q; b={value}", f"a=b; x{pair}", ""):
        assert not expression.fullmatch(header)
    assert cookies.recognised(expression.pattern) == pair


@given(st.text())
def test_an_escaped_text_matches_itself(text: str) -> None:
    assert re.fullmatch(escape(text), text)


@pytest.mark.parametrize(
    ("expression", "pair"),
    [
        (".*aff.*OOlXExskmy.*", "aff=OOlXExskmy"),
        ("^(.*?;)?(canary=always)(;.*)?$", ""),
        (".*session.*", ""),
        ("", ""),
    ],
)
def test_expressions_of_flagger_are_known_and_others_are_not(expression: str, pair: str) -> None:
    assert cookies.recognised(expression) == pair
