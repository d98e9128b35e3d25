"""Fields of ``spec.service`` that stand in the generated Services, and those of a sticky cookie."""

from __future__ import annotations

from typing import Any

from tests.fields.entry import Shown


def _service(name: str, means: str, values: tuple[Any, Any], place: str, **more: Any) -> Shown:
    path = f"spec.service.{name}"
    return Shown(path=path, means=means, values=values, place=f"Service/{place}", **more)


def _metadata(role: str, service: str) -> tuple[Shown, Shown]:
    labels, annotations = [
        _service(
            f"{role}.{part}",
            f"more {part} of the {role} Service" + (" and of the route" if role == "apex" else ""),
            ({"team": "a"}, {"team": "b"}),
            f"{service} metadata.{part}.team",
            wants=("a", "b"),
        )
        for part in ("labels", "annotations")
    ]
    return labels, annotations


def _cookie(name: str, means: str, values: tuple[Any, Any], *wants: str) -> Shown:
    """An attribute of the canary's cookie: what is in its text."""
    return Shown(
        path=f"spec.analysis.sessionAffinity.{name}",
        means=means,
        values=values,
        beside={"analysis": {"sessionAffinity": {"cookieName": "sticky"}}},
        place="VirtualService/podinfo spec.http.-1.route.1.headers.response.add.Set-Cookie",
        wants=(wants[0], wants[1]),
        scene="sticky",
    )


SERVICES = (
    _service("port", "port of the generated Services", (9898, 80), "podinfo spec.ports.0.port"),
    _service("portName", "name of that port; `http` if absent", ("web", "api"),
             "podinfo-primary spec.ports.0.name"),
    _service("targetPort", "port of the pods, number or name; `port` if absent", (9898, "http"),
             "podinfo-canary spec.ports.0.targetPort"),
    _service("appProtocol", "application protocol of that port; `tcp` lets Istio route connections",
             ("http", "grpc"), "podinfo spec.ports.0.appProtocol"),
    _service("trafficDistribution", "preference for near endpoints; taking it away has no effect "
             "on Services that are there", ("PreferClose", "PreferSameZone"),
             "podinfo spec.trafficDistribution"),
    _service("portDiscovery", "all other ports of the containers, too", (False, True),
             "podinfo spec.ports.1.port", wants=(None, 9898),
             beside={"service": {"port": 80, "targetPort": 80, "portName": "web"}}),
    *_metadata("apex", "podinfo"),
    *_metadata("primary", "podinfo-primary"),
    *_metadata("canary", "podinfo-canary"),
)  # fmt: skip

COOKIES = (
    _cookie("maxAge", "seconds that a browser keeps the cookie", (60, 90), "Max-Age=60",
            "Max-Age=90"),
    _cookie("domain", "its attribute Domain", ("a.test", "b.test"), "; Domain=a.test",
            "; Domain=b.test"),
    _cookie("path", "its attribute Path", ("/a", "/b"), "; Path=/a", "; Path=/b"),
    _cookie("httpOnly", "its attribute HttpOnly", (False, True), "", "; HttpOnly"),
    _cookie("partitioned", "its attribute Partitioned", (False, True), "", "; Partitioned"),
    _cookie("secure", "its attribute Secure", (False, True), "", "; Secure"),
    _cookie("sameSite", "its attribute SameSite", ("Lax", "Strict"), "; SameSite=Lax",
            "; SameSite=Strict"),
)  # fmt: skip
"""An empty text stands for: not the other one."""

ENTRIES = (*SERVICES, *COOKIES)
