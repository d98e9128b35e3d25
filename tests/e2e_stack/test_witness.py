"""What gateways say that they carry, and what that says about requests."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import Any

import aiohttp
import pytest

from e2e.gateways import envoy_shares, traefik_shares
from e2e.judgement import since_left
from e2e.traffic import Answer
from e2e.witness import Glimpse, Shares, Span, Witness, spans


def test_a_span_lasts_from_its_first_answer_to_its_last_question() -> None:
    seen = [
        Glimpse(0.0, 0.1, {}),
        Glimpse(1.0, 1.2, {"a": (0,), "b": (0,)}),
        Glimpse(2.0, 2.3, {"a": (20,), "b": (0,)}),
        Glimpse(3.0, 3.1, {"b": ()}),  # A gateway that starts once more is told the same again.
        Glimpse(4.0, 4.9, {"a": (20,), "b": (0,)}),
        Glimpse(5.0, 5.5, {"a": (100, 0), "b": (0,)}),
    ]
    assert spans(seen, "a") == [
        Span(1.2, 1.2, (0,)),
        Span(2.3, 4.0, (20,)),
        Span(5.5, 5.5, (100, 0)),
    ]
    assert [span.weight for span in spans(seen, "a")] == [0, 20, 0]
    assert spans(seen, "b") == [Span(1.2, 5.0, (0,))]
    assert spans(seen, "c") == []


class _App:
    """An application as far as ``since_left`` asks for it."""

    def __init__(self, *seen: Span, has_gateway: bool = True) -> None:
        self.spans, self.has_gateway = list(seen), has_gateway


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (_App(Span(1.0, 9.0, (20,)), Span(10.8, 12.0, (0,))), [12.0]),
        (_App(Span(1.0, 9.0, (20,)), Span(11.1, 12.0, (0,))), []),
        (_App(Span(1.0, 9.0, (20,)), Span(9.5, 9.9, (0,))), []),  # Not asked since then.
        (_App(Span(1.0, 13.0, (20,))), []),
        (_App(Span(1.0, 13.0, (100, 0))), []),  # Those with a mark are still led there.
        (_App(), []),
        (_App(has_gateway=False), [10.5, 12.0]),
    ],
)
def test_nobody_is_led_there_once_the_gateway_says_so(app: Any, expected: list[float]) -> None:
    answers = [Answer(sent, 0.01, "1.0.0", "shop-1", 200) for sent in (8.0, 10.5, 12.0)]
    assert [one.sent for one in since_left(app, 10.0, answers)] == expected


def _host(domain: str, *routes: dict[str, Any]) -> dict[str, Any]:
    return {"domains": [domain, f"{domain}:*"], "routes": list(routes)}


def _dump(*hosts: dict[str, Any]) -> dict[str, Any]:
    return {"configs": [{"route_config": {"name": "http.80", "virtual_hosts": list(hosts)}}]}


def _to(**weights: int) -> dict[str, Any]:
    named = {f"outbound|80||{name.replace('_', '-')}.a.svc": weights[name] for name in weights}
    # Protobuf's JSON leaves out what is zero.
    clusters = [{"name": n, **({"weight": w} if w else {})} for n, w in named.items()]
    if len(clusters) == 1:
        return {"route": {"cluster": clusters[0]["name"]}}
    return {"route": {"weighted_clusters": {"clusters": clusters}}}


def test_envoy_says_the_share_of_each_route_of_a_host() -> None:
    dump = _dump(
        _host("a.example", _to(shop_canary=1), _to(shop_primary=60, shop_canary=40)),
        _host("b.example", _to(shop_primary=1)),
        _host("c.example", _to(shop_primary=0, shop_canary=1)),
        _host("d.example", {"redirect": {}}),
    )
    found = {host: shares for host, shares in envoy_shares(dump).items() if ":" not in host}
    assert found == {
        "a.example": (100, 40),
        "b.example": (0,),
        "c.example": (100,),
        "d.example": (),
    }
    assert envoy_shares({}) == {}


def test_traefik_says_the_share_of_each_router_of_a_host() -> None:
    host = 'Host("a.example") && PathPrefix("/")'
    routers = {
        "api@internal": {"rule": 'PathPrefix("/api")', "service": "api@internal", "priority": 999},
        "a-rule@nginx": {"rule": host, "service": "a-shop-wrr", "priority": 46},
        "a-rule-canary@nginx": {
            "rule": f'({host}) && (Header("x-insider", "yes"))',
            "service": "a-shop-canary",
            "priority": 138,
        },
        "b-rule@nginx": {"rule": 'Host("b.example")', "service": "b-shop", "priority": 40},
    }
    parts = [{"name": "a-shop", "weight": 80}, {"name": "a-shop-canary", "weight": 20}]
    services = {
        "a-shop-wrr@nginx": {"weighted": {"services": parts}},
        "a-shop@nginx": {"loadBalancer": {}},
        "b-shop@nginx": {"loadBalancer": {}},
    }
    found = traefik_shares({"routers": routers, "services": services})
    assert found == {"a.example": (100, 20), "b.example": (0,)}


def test_a_gateway_that_is_down_is_asked_again() -> None:
    answers: list[Exception | Shares] = [(0,), aiohttp.ClientError(), OSError(), (7,)]

    async def run() -> list[Span]:
        enough = asyncio.Event()

        async def ask() -> dict[str, Shares]:
            if not answers:
                enough.set()
                await asyncio.Event().wait()
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return {"a": answer}

        witness = Witness(nullcontext(ask), period=0.0)
        await enough.wait()
        found = witness.spans("a")
        await witness.close()
        return found

    assert [span.weight for span in asyncio.run(run())] == [0, 7]


def test_what_ended_a_witness_is_told_by_it() -> None:
    async def ask() -> dict[str, Shares]:
        raise KeyError("route_config")

    async def run() -> None:
        witness = Witness(nullcontext(ask))
        await asyncio.sleep(0)
        await witness.close()
        witness.spans("a")

    with pytest.raises(KeyError, match="route_config"):
        asyncio.run(run())
