"""What gateways say that they carry, and what that says about requests."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from e2e.gateways import envoy_shares, traefik_shares
from e2e.judgement import since_left
from e2e.traffic import Answer
from e2e.witness import Glimpse, Span, Witness, spans


def test_a_span_lasts_from_its_first_answer_to_its_last_question() -> None:
    seen = [
        Glimpse(0.0, 0.1, ()),
        Glimpse(1.0, 1.2, (0,)),
        Glimpse(2.0, 2.3, (20,)),
        Glimpse(3.0, 3.1, ()),  # A gateway that starts once more; it is told the same again.
        Glimpse(4.0, 4.9, (20,)),
        Glimpse(5.0, 5.5, (100, 0)),
    ]
    assert spans(seen) == [
        Span(1.2, 1.2, (0,)),
        Span(2.3, 4.0, (20,)),
        Span(5.5, 5.5, (100, 0)),
    ]
    assert [span.weight for span in spans(seen)] == [0, 20, 0]


class _App:
    """An application as far as ``since_left`` asks for it."""

    def __init__(self, *seen: Span, has_gateway: bool = True) -> None:
        self.spans, self.has_gateway = list(seen), has_gateway


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (_App(Span(1.0, 9.0, (20,)), Span(11.0, 12.0, (0,))), [12.0]),
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
    other = _host("other.example", _to(shop_canary=1))
    mine = _host("a.example", _to(shop_canary=1), _to(shop_primary=60, shop_canary=40))
    assert envoy_shares(_dump(other, mine), "a.example") == (100, 40)
    assert envoy_shares(_dump(_host("a.example", _to(shop_primary=1))), "a.example") == (0,)
    even = _host("a.example", _to(shop_primary=0, shop_canary=1))
    assert envoy_shares(_dump(even), "a.example") == (100,)
    assert envoy_shares(_dump(other), "a.example") == ()
    assert envoy_shares({}, "a.example") == ()


def test_traefik_says_the_share_of_each_router_of_a_host() -> None:
    host = "Host(`a.example`)"
    routers = [
        {"rule": f"{host} && PathPrefix(`/`)", "service": "a-shop-shop-80-wrr"},
        {
            "rule": f"({host} && PathPrefix(`/`)) && Header(`X-Insider`, `yes`)",
            "service": "a-shop-shop-80-canary",
        },
        {"rule": "Host(`b.example`)", "service": "b-shop-shop-80"},
    ]
    parts = [
        {"name": "a-shop-shop-80", "weight": 80},
        {"name": "a-shop-shop-80-canary", "weight": 20},
    ]
    services = [
        {"name": "a-shop-shop-80-wrr@kubernetesingressnginx", "weighted": {"services": parts}},
        {"name": "a-shop-shop-80@kubernetesingressnginx", "loadBalancer": {}},
    ]
    assert traefik_shares(routers, services, "a.example") == (100, 20)
    assert traefik_shares(routers, services, "b.example") == (0,)
    assert traefik_shares(routers, services, "c.example") == ()


def test_a_gateway_that_is_down_is_asked_again() -> None:
    answers: list[Exception | tuple[int, ...]] = [(0,), aiohttp.ClientError(), OSError(), (7,)]

    async def run() -> list[Span]:
        enough = asyncio.Event()

        async def shares() -> tuple[int, ...]:
            if not answers:
                enough.set()
                await asyncio.Event().wait()
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        async with Witness(shares, period=0.0) as seen:
            await enough.wait()
            return seen.spans

    assert [span.weight for span in asyncio.run(run())] == [0, 7]


def test_what_ended_a_witness_is_told_by_it() -> None:
    async def shares() -> tuple[int, ...]:
        raise KeyError("route_config")

    async def run() -> list[Span]:
        async with Witness(shares) as seen:
            await asyncio.sleep(0)
            return seen.spans

    with pytest.raises(KeyError, match="route_config"):
        asyncio.run(run())
