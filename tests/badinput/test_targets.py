"""Targets of every kind that can't be worked with, and names at their limits."""

from __future__ import annotations

import pytest
import yaml

from canary import virtualtime
from canary.kube.errors import Invalid
from canary.kube.resources import CANARIES, DAEMON_SETS, DEPLOYMENTS, SERVICES
from tests.badinput.test_specs import condition, warned
from tests.rig.manifests import daemon_setting, service_setting, setting
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script


@staged()
async def test_a_daemon_set_that_is_updated_by_hand(script: Script) -> None:
    """S70: named, nothing of it is touched, well once mended."""
    await script.begins(daemon_setting(target={"updateStrategy": {"type": "OnDelete"}}))
    await script.stage.rest(30)
    text = (
        "createPrimaryDaemonSet failed: daemonset podinfo.test must have RollingUpdate strategy "
        "but have OnDelete"
    )
    assert script.stage.events() == [("Warning", text)]
    assert script.stage.get(DAEMON_SETS, "podinfo-primary") is None
    patch = {"spec": {"updateStrategy": {"type": "RollingUpdate"}}}
    await script.stage.patch(DAEMON_SETS, "podinfo", patch)
    await script.reaches("Initialized")


@pytest.mark.parametrize("kind", ["StatefulSet", "CronJob"])
def test_other_kinds_are_refused_by_the_api_server(kind: str) -> None:
    """The CRD names what it accepts; a stored one is refused by name too."""

    async def play() -> str:
        stage = Stage()
        await stage.up()
        canary = setting()[3]
        canary["spec"]["targetRef"]["kind"] = kind
        try:
            with pytest.raises(Invalid) as refused:
                await stage.user.create(CANARIES, canary)
            return str(refused.value)
        finally:
            await stage.down()

    text = virtualtime.run(play())
    assert f'spec.targetRef.kind: Unsupported value: "{kind}"' in text
    assert all(f'"{accepted}"' in text for accepted in ("DaemonSet", "Deployment", "Service"))


@staged()
async def test_a_service_under_another_apex(script: Script) -> None:
    await script.begins(service_setting({"service": {"port": 9898, "name": "web"}}))
    await script.stage.rest(30)
    assert warned(script, "spec.service.name", "web", "podinfo", "remove it")
    assert script.stage.get(SERVICES, "podinfo-primary") is None
    await script.spec(service={"name": None})
    await script.reaches("Initialized")


def long(kind: str, length: int) -> list[dict]:
    """The setting with names of that length."""
    name = "a" * length
    text = yaml.safe_dump_all(setting())
    old = {"target": "name: podinfo\n", "service": "port: 9898\n", "config": "podinfo-config"}[kind]
    new = {"target": f"name: {name}\n", "config": name}.get(kind, f"{old}    name: {name}\n")
    found = list(yaml.safe_load_all(text.replace(old, new)))
    found[3]["metadata"]["name"] = "podinfo"
    if kind == "target":
        found[3]["spec"]["service"]["name"] = "web"
    return found


@pytest.mark.parametrize(
    ("kind", "field", "longest"),
    [
        ("target", "spec.targetRef.name", 234),
        ("service", "spec.service.name", 55),
        ("config", "configmap", 245),
    ],
)
def test_names_at_their_limits(kind: str, field: str, longest: int) -> None:
    """``-primary`` has 8 characters: objects have at most 253, Services 63. A ReplicaSet's name is
    that of its Deployment, a hyphen and a hash of up to 10."""

    async def play(length: int) -> tuple[str, list[tuple[str, str]]]:
        stage = Stage()
        await stage.up()
        await stage.apply(*long(kind, length))
        stage.start()
        await stage.rest(60)
        try:
            return stage.phase(), stage.events()
        finally:
            await stage.down()

    assert virtualtime.run(play(longest))[0] == "Initialized"
    phase, events = virtualtime.run(play(longest + 1))
    assert phase != "Initialized"
    limit = longest + 8
    ((_, text),) = events
    assert text.startswith(field)
    assert text.endswith(f"-primary has {limit + 1} characters, accepted are {limit}")


@staged()
async def test_a_selector_label_at_its_limit(script: Script) -> None:
    value = "a" * 56
    labels = {"matchLabels": {"app": value}}
    pods = {"metadata": {"labels": {"app": value}}}
    await script.begins(setting(target={"selector": labels, "template": pods}))
    await script.stage.rest(30)
    assert warned(script, "spec.selector.matchLabels[app] of podinfo", "accepted are 63")
    assert script.stage.get(DEPLOYMENTS, "podinfo-primary") is None
    assert condition(script)["reason"] == "NameTooLong"
