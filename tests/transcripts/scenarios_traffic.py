"""The scripts of mirrored traffic, session cookies and other providers (S10, S11, S52 to S67)."""

from __future__ import annotations

from typing import Any

from tests.rig.manifests import ingress, setting
from tests.transcripts.scenario import COPYING, FINISH, STARTING, hooks, scenario
from tests.transcripts.scenarios_bluegreen import MATCH, iterated, true_weight
from tests.transcripts.script import Script

NGINX = {
    "provider": "nginx",
    "ingressRef": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "podinfo"},
}
GATEWAY = {
    "provider": "gatewayapi:v1",
    "service": {"port": 9898, "gatewayRefs": [{"name": "gw", "namespace": "default"}]},
}


def elsewhere(name: str, spec: dict[str, Any], analysis: dict[str, Any], **parts: Any) -> None:
    """A scenario's rollout with another provider than Istio; its rows are the same."""

    @scenario(name, of=name[:3], **parts)
    async def play(script: Script) -> None:
        await script.begins([ingress(), *setting(spec, analysis)])
        await script.reaches("Initialized")
        await script.stage.rest(30)
        await script.image("2.0.0")
        await script.reaches("Succeeded")
        await script.stage.rest(60)


BLUE_GREEN = true_weight("Progressing 6", "Promoting 6")
AB = true_weight("Progressing 1", "Progressing 2", "Progressing 3", "Promoting 3")
MIRRORED = true_weight("Progressing 4", "Promoting 4")
elsewhere("S52-nginx", NGINX, iterated(5), instead=BLUE_GREEN, cites="D17")
elsewhere("S52-gateway", GATEWAY, iterated(5), instead=BLUE_GREEN, cites="D17")
elsewhere("S55-gateway", GATEWAY, iterated(3, mirror=True), instead=MIRRORED, cites="D17")
elsewhere("S60-nginx", NGINX, iterated(3, **MATCH), instead=AB, cites="D17")
elsewhere("S60-gateway", GATEWAY, iterated(3, **MATCH), instead=AB, cites="D17")


@scenario("S10", then=FINISH)
async def s10(script: Script) -> None:
    calls = hooks(pre="pre-rollout", load="rollout", inc="confirm-traffic-increase")
    analysis = {"mirror": True, "stepWeight": 20, "maxWeight": 40, **calls}
    await script.initialized(analysis=analysis)
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


@scenario(
    "S11",
    upto=0,
    then=(
        f"|Progressing|20|0|0|80/20/-|2/2|{STARTING}; N Advance podinfo.test canary weight 20|",
        "|Progressing|40|0|0|60/40/-|2/2|N Advance podinfo.test canary weight 40|",
        f"|Promoting|40|0|0|60/40/-|2/2|{COPYING}|",
        *FINISH,
    ),
    cites="D14",
)
async def s11(script: Script) -> None:
    analysis = {"mirror": True, "stepWeight": 20, "maxWeight": 40}
    await script.begins([ingress(), *setting(NGINX, analysis)])
    await script.reaches("Initialized")
    (warning,) = [c for c in script.stage.status()["conditions"] if c["type"] == "SpecWarning"]
    assert "spec.analysis.mirror" in warning["message"]
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(60)


PRIMARY = "pc=KIdiKOWKbg"
COOKIES = f"cookies: cur `cc=gtlrMeLeSB`, prev –, prim `{PRIMARY}`"


@scenario(
    "S67",
    instead={
        f"canary weight 50; {COOKIES}": f"canary weight 50; {COOKIES.replace(PRIMARY, 'pc=two')}",
        f"podinfo-primary.test; {COOKIES}": (
            f"podinfo-primary.test; {COOKIES.replace(PRIMARY, 'pc=two')}"
        ),
        f"cur –, prev `cc=gtlrMeLeSB`, prim `{PRIMARY}`": "cur –, prev `cc=gtlrMeLeSB`, prim –",
        f"prev `cc=gtlrMeLeSB`, prim `{PRIMARY}`|": "prev `cc=gtlrMeLeSB`, prim `pc=three`|",
    },
    cites="D29",
)
async def s67(script: Script) -> None:
    sticky = {"cookieName": "cc", "primaryCookieName": "pc"}
    await script.initialized(analysis={"stepWeight": 25, "sessionAffinity": sticky})
    await script.image("2.0.0")
    await script.reaches("Succeeded")
    await script.stage.rest(120)
    await script.image("3.0.0")
    await script.reaches("Progressing", 25)
