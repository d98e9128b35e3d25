"""Fields that Flagger ignores with a provider: the rollout goes on without, and it is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rig.manifests import ingress, setting
from tests.rig.staged import staged
from tests.transcripts.script import Script

COOKIE = {"sessionAffinity": {"cookieName": "sticky"}}
MATCH = [{"headers": {"x-canary": {"exact": "1"}}}]
TESTED = {"stepWeight": None, "maxWeight": None, "iterations": 2, "match": MATCH}
INGRESS = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "podinfo"}
TCP = {"service": {"port": 9898, "appProtocol": "tcp"}}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "nginx": ({"provider": "nginx", "ingressRef": INGRESS}, COOKIE, ("sessionAffinity",)),
    "kubernetes": (
        {"provider": "kubernetes"},
        {**COOKIE, "mirror": True},
        ("mirror", "sessionAffinity"),
    ),
    "connections": (TCP, {**COOKIE, "mirror": True}, ("mirror", "sessionAffinity")),
    "tested": ({}, {**COOKIE, **TESTED}, ("sessionAffinity",)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rollout_goes_on_without_what_its_provider_lacks(case: str) -> None:
    spec, analysis, lacks = CASES[case]

    @staged()
    async def play(script: Script) -> None:
        await script.begins([ingress(), *setting(spec, analysis)])
        await script.reaches("Initialized")
        (told,) = [c for c in script.stage.status()["conditions"] if c["type"] == "SpecWarning"]
        assert told["reason"] == "ProviderLacks"
        for field in lacks:
            assert f"spec.analysis.{field}: spec.analysis.{field} is set, but" in told["message"]
        await script.image("2.0.0")
        await script.reaches("Progressing")
        await script.reaches("Succeeded")
        assert "sessionAffinityCookie" not in script.stage.status()
        assert "previousSessionAffinityCookie" not in script.stage.status()

    play()
