"""What is watched of a rollout that has begun, to see what a field made of it."""

from __future__ import annotations

import re
from typing import Any

from canary.kube.resources import (
    AUTOSCALERS,
    CANARIES,
    DAEMON_SETS,
    DEPLOYMENTS,
    SCALED_OBJECTS,
)
from tests.fields.play import Play
from tests.fields.scenes import HTTP_ROUTES, INGRESSES, VIRTUAL_SERVICES, found
from tests.rig.routes import mirrored, shares

WORKLOADS = (DEPLOYMENTS, DAEMON_SETS)
_ENDS = ("Succeeded", "Failed")


async def http_route(play: Play) -> tuple[int, int] | None:
    """What the HTTPRoute splits, if there is one."""
    await play.stage.rest(10)
    route = play.stage.get(HTTP_ROUTES, "podinfo")
    return shares(route) if route else None


async def other_name(play: Play) -> tuple[int, int] | None:
    """What the route ``other`` splits, if there is one."""
    await play.stage.rest(10)
    route = play.stage.get(VIRTUAL_SERVICES, "other")
    return shares(route) if route else None


async def other_ingress(play: Play) -> int | None:
    """The canary's share beside the Ingress ``other``, if there is one."""
    await play.stage.rest(10)
    route = play.stage.get(INGRESSES, "other-canary")
    return shares(route)[1] if route else None


async def length_of_a_step(play: Play) -> int:
    """Seconds from the first weight to the second."""
    first = play.stage.status()["canaryWeight"]
    await play.stage.until(lambda: play.stage.status()["canaryWeight"] != first)
    one, two, *_ = [m for m in play.moments("Progressing") if m.weight > 0]
    return two.at - one.at


async def weights_to_come(play: Play) -> tuple[int, ...]:
    """The weights above 20 until the promotion."""
    await play.phase(*_ENDS)
    return tuple(m.weight for m in play.moments("Progressing") if m.weight > 20)


async def weights_of_the_promotion(play: Play) -> tuple[int, ...]:
    await play.phase(*_ENDS)
    return tuple(m.weight for m in play.moments("Promoting"))


async def weights_of_the_failure(play: Play) -> tuple[int, ...]:
    play.servers.value = 50
    await play.phase("Failed")
    await play.stage.rest(60)
    return tuple(m.weight for m in play.moments("Failed"))


async def drain(play: Play) -> int:
    """Seconds from the last traffic of the canary to the end."""
    await play.phase(*_ENDS)
    end, last = play.moments("Succeeded")[-1], play.moments("Finalising")[0]
    return end.at - last.at


async def failed_checks(play: Play) -> int:
    """How many it takes until the end, when each fails."""
    play.servers.value = 50
    await play.phase("Failed")
    return len(play.told("advancement success rate"))


async def iterations(play: Play) -> int:
    await play.phase(*_ENDS)
    return len(set(play.told("canary iteration")))


async def mirrors(play: Play) -> bool:
    await play.over()
    return mirrored(play.stage.get(VIRTUAL_SERVICES, "podinfo"))


async def advances(play: Play) -> bool:
    """Whether the weight rises within the next two intervals."""
    await play.over(130)
    return any(moment.weight > 10 for moment in play.moments("Progressing"))


async def advances_without_a_primary(play: Play) -> bool:
    """As ``advances``, when one of the primary's two pods isn't ready."""
    play.ready(1, "podinfo-primary")
    return await advances(play)


async def advances_without_a_pod(play: Play) -> bool:
    """As ``advances``, when one of the canary's two pods isn't ready."""
    play.ready(1, "podinfo")
    return await advances(play)


async def passes(play: Play) -> bool:
    """Whether a check passes that finds 95."""
    play.servers.value = 95
    await play.over()
    return bool(play.stage.status()["failedChecks"] == 0)


async def queries(play: Play) -> tuple[str, ...]:
    """What is asked at the next check; of built-in queries the name of their series."""
    await play.over()
    asked = [re.findall(r"istio_request[a-z_]*|^\w+[ \w]*$", query) for query in play.queries]
    return tuple(sorted({name for names in asked for name in names}))


async def windows(play: Play) -> tuple[str, ...]:
    await play.over()
    return tuple(sorted({w for q in play.queries for w in re.findall(r"\[(\w+)\]", q)}))


async def address_asked(play: Play) -> tuple[str, ...]:
    await play.over()
    return tuple(sorted({asked.address for asked in play.servers.asked}))


async def headers_asked(play: Play) -> dict[str, str]:
    await play.over()
    return play.servers.asked[-1].headers


async def verified(play: Play) -> bool:
    """Whether the certificate of the metrics server counts."""
    await play.over()
    return play.servers.asked[-1].verified


async def is_overdue(play: Play) -> bool:
    """Whether a canary without a ready pod has failed after three minutes."""
    play.ready(0, "podinfo")
    await play.stage.rest(180)
    return play.stage.phase() == "Failed"


async def is_skipped(play: Play) -> bool:
    await play.stage.rest(20)
    return play.stage.phase() in ("Promoting", "Finalising", "Succeeded")


async def has_finalizer(play: Play) -> bool:
    await play.stage.rest(10)
    return bool(play.stage.get(CANARIES, "podinfo")["metadata"].get("finalizers"))


async def has_begun(play: Play) -> bool:
    await play.stage.rest(30)
    return play.stage.phase() == "Progressing"


async def canary_size(play: Play) -> int:
    """Pods of the canary at its second step."""
    await play.stage.until(lambda: play.stage.status()["canaryWeight"] == 60)
    return play.replicas("podinfo")


async def cookies(play: Play) -> tuple[str, str]:
    """Names of the cookies that primary and canary hand out at the next step."""
    await play.over()
    place = "VirtualService/podinfo spec.http.-1.route.{}.headers.response.add.Set-Cookie"
    texts = [found(play.stage, place.format(side)) or "" for side in (0, 1)]
    return (texts[0].partition("=")[0], texts[1].partition("=")[0])


async def newest_primary(play: Play) -> str:
    """Kind and name of the primary that was made last."""
    await play.stage.rest(10)
    storage = play.stage.cluster.server.storage
    made = [
        (obj["metadata"]["creationTimestamp"], f"{kind.kind}/{key.name}")
        for kind in WORKLOADS
        for key, obj in storage.all(kind)
        if key.name.endswith("-primary")
    ]
    return max(made)[1]


async def is_headless(play: Play) -> bool:
    await play.stage.rest(10)
    return found(play.stage, "Service/podinfo-canary spec.clusterIP") == "None"


async def primary_hpa(play: Play) -> Any:
    """Bounds of the primary's autoscaler."""
    await play.stage.rest(10)
    spec = play.stage.get(AUTOSCALERS, "podinfo-hpa-primary")["spec"]
    return (spec["minReplicas"], spec["maxReplicas"])


async def primary_query(play: Play) -> Any:
    await play.stage.rest(10)
    spec = play.stage.get(SCALED_OBJECTS, "podinfo-so-primary")["spec"]
    return spec["triggers"][0]["metadata"]["query"]


async def primary_scalers(play: Play) -> tuple[str, ...]:
    """Names of the primary's autoscalers that may be there."""
    await play.stage.rest(10)
    stage = play.stage
    hpas = [n for n in ("other-primary",) if stage.get(AUTOSCALERS, n)]
    scaled = [n for n in ("podinfo-hpa-primary",) if stage.get(SCALED_OBJECTS, n)]
    return (*hpas, *(f"ScaledObject {n}" for n in scaled))
