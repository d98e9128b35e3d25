"""What Flagger has no field for: steps that are told one by one, limits, an order of Canaries."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from canary.kube.resources import CANARIES, DEPLOYMENTS
from e2e.app import PATIENCE, App
from e2e.judgement import as_planned, promoted
from e2e.manifests import NAME, application
from e2e.routes import splits
from e2e.scene import Scene
from e2e.suite import scenario
from e2e.timeline import Timeline

WEIGHTS = (10, 40, 60)
STAY = 25.0
TOLD = {
    "steps": [
        {"weight": 10, "replicas": 1, "duration": f"{STAY:g}s"},
        {"weight": 40, "replicas": 2, "approval": True},
        {"weight": 60},
    ]
}
BRISK: dict[str, Any] = {
    "stepWeight": None,
    "maxWeight": None,
    "iterations": 1,
    "metrics": None,
}
OTHER = "front"


async def people(scene: Scene, *words: str) -> str:
    """What ``canary`` says to these words. Raises AssertionError when it fails."""
    command = [sys.executable, "-m", "canary.cli.main", *words, "-n", scene.namespace]
    process = await asyncio.create_subprocess_exec(
        *command,
        f"--kubeconfig={scene.cluster.kubeconfig}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@scenario("contour", long=True)
async def test_told_steps(scene: Scene) -> None:
    """Steps with a stay, pods and an approval of their own: users get what each of them says, and
    somebody's word by the command line ends the one that waits for it."""
    app = App(scene)
    analysis = {"stepWeight": None, "maxWeight": None, "engine": TOLD}
    await app.start(spec={"analysis": analysis})
    users = await app.traffic(rate=60)
    began = await app.set_image("shop:1.1.0")

    def asked() -> bool:
        return any("waiting for approval of step 2" in text for text in scene.events())

    await app.canaries.until(asked, "question for an approval", PATIENCE)
    await scene.sleep(15)
    assert app.status["canaryWeight"] == 40, "it waits for an approval"
    scene.say(f"  {(await people(scene, 'approve', NAME, '--by=ann', '--reason=fine')).strip()}")
    good = await app.ended("shop:1.1.0", began)
    promoted(app, users, good, before="1.0.0", few=0, steps=WEIGHTS)
    measured = list(splits(app.spans, users.between(good.began, good.ended)))
    as_planned(measured, WEIGHTS, 100)
    assert [text for text in scene.events() if "approve by ann" in text and "fine" in text]
    at = {standing.weight: standing.at for standing in reversed(good.standings)}
    # The interval is 10 s. On a loaded machine the watch brings the first of the two later.
    assert at[40] - at[10] > STAY - 5.0, "the first step has a stay of its own"
    for weight, pods in ((10, 1), (40, 2)):
        assert pods_at(app.workloads, at[weight]) == pods, f"pods at weight {weight}"


def pods_at(workloads: Timeline, moment: float) -> int:
    """Pods that the target was to have then."""
    found = [change for change in workloads.of(NAME) if change.at <= moment and change.obj]
    obj = found[-1].obj
    assert obj is not None
    return int(obj["spec"]["replicas"])


def called(objects: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The application under another name."""
    workload, canary = objects
    workload["metadata"]["name"] = canary["metadata"]["name"] = name
    canary["spec"]["targetRef"]["name"] = name
    labels = {"app": name}
    workload["spec"]["selector"] = {"matchLabels": labels}
    workload["spec"]["template"]["metadata"]["labels"] = labels
    return [workload, canary]


async def two(scene: Scene, **of_the_other: Any) -> Timeline:
    """Two idle Canaries without a gateway; the fields are those of the second one's spec."""
    spec = {"analysis": BRISK}
    for name, more in ((NAME, {}), (OTHER, of_the_other)):
        made = application(f"{scene.namespace}.example", "kubernetes", spec={**spec, **more})
        await scene.apply(*called(made, name))
    canaries = scene.timeline(CANARIES)
    await canaries.until(
        lambda: {phase(canaries, NAME), phase(canaries, OTHER)} == {"Initialized"},
        "phase Initialized of both",
        PATIENCE,
    )
    return canaries


def phase(canaries: Timeline, name: str) -> str:
    status = (canaries.get(name) or {}).get("status") or {}
    return str(status.get("phase", ""))


async def release(scene: Scene, name: str) -> None:
    container = {"name": "app", "image": "shop:1.1.0"}
    change = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await scene.patch(DEPLOYMENTS, name, change)


async def one_after_the_other(canaries: Timeline, first: str, second: str) -> None:
    """Both succeed, and ``second`` begins when ``first`` has ended. Raises AssertionError."""
    await canaries.until(
        lambda: phase(canaries, first) == phase(canaries, second) == "Succeeded",
        "end of both rollouts",
        2 * PATIENCE,
    )
    seen = {first: "", second: ""}
    for change in sorted(canaries.changes, key=lambda one: one.version):
        status = (change.obj or {}).get("status") or {}
        seen[change.name] = str(status.get("phase", ""))
        if seen[second] in ("Progressing", "Promoting", "Finalising"):
            assert seen[first] == "Succeeded", f"{second} runs beside {first}: {seen}"


@scenario(own_engine=True)
async def test_queue(scene: Scene) -> None:
    """A limit of one rollout at a time: the second one says its place, and begins when the first
    one has ended."""
    engine = await scene.own_engine(more=("-max-concurrent-runs=1",))
    await engine.start(scene.client)
    canaries = await two(scene)
    await release(scene, NAME)
    await canaries.until(lambda: phase(canaries, NAME) == "Progressing", "first run", PATIENCE)
    await release(scene, OTHER)

    def waits() -> bool:
        found = ((canaries.get(OTHER) or {}).get("status") or {}).get("conditions") or ()
        said = [one["message"] for one in found if one["type"] == "Queued"]
        return said == ["place 1 in the queue: 1 run at a time"]

    await canaries.until(waits, "place in the queue", PATIENCE)
    assert "place 1 in the queue" in await people(scene, "get")
    await one_after_the_other(canaries, NAME, OTHER)
    texts = scene.events()
    assert (
        texts.count(f"Rollout of {OTHER}.{scene.namespace} waits for its turn: 1 run at a time")
        == 1
    )
    await engine.stop()


@scenario()
async def test_depends_on(scene: Scene) -> None:
    """What depends on another Canary is rolled out behind it, though both changed at once."""
    canaries = await two(scene, engine={"dependsOn": [{"name": NAME}]})
    await release(scene, NAME)
    await release(scene, OTHER)
    await one_after_the_other(canaries, NAME, OTHER)
    assert [
        text for text in scene.events() if OTHER in text and f"{NAME}.{scene.namespace}" in text
    ]
