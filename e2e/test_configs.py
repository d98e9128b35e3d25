"""ConfigMaps and Secrets are part of a revision: changed data is rolled out like a new image."""

from __future__ import annotations

import base64
import time
from typing import Any

from canary.kube.resources import CONFIG_MAPS, SECRETS, Resource
from e2e.app import App
from e2e.manifests import NAME
from e2e.scene import Scene
from e2e.suite import scenario

CONFIG, SECRET = "shop-config", "shop-secret"
KINDS = {CONFIG: CONFIG_MAPS, SECRET: SECRETS}
_SOURCES = [{"configMapRef": {"name": CONFIG}}, {"secretRef": {"name": SECRET}}]


def data(name: str, word: str, immutable: bool) -> dict[str, Any]:
    """The ConfigMap or Secret with this word in it."""
    secret = name == SECRET
    return {
        "apiVersion": "v1",
        "kind": KINDS[name].kind,
        "metadata": {"name": name},
        "data": {"WORD": base64.b64encode(word.encode()).decode() if secret else word},
        "immutable": immutable,
    }


async def renewed(scene: Scene, app: App, name: str, word: str) -> None:
    """Give an immutable one other data, which means to make it anew, and see it promoted."""
    resource: Resource = KINDS[name]
    old = await scene.client.get(resource, scene.namespace, name)
    began = time.time()
    await scene.client.delete(resource, scene.namespace, name, uid=old["metadata"]["uid"])
    await scene.apply(data(name, word, immutable=True))
    rollout = await app.ended(f"{NAME}:1.0.0", began)
    assert rollout.phases[-1] == "Succeeded"
    copy = await scene.client.get(resource, scene.namespace, f"{name}-primary")
    assert copy["data"] == data(name, word, immutable=True)["data"]
    scene.say(f"{resource.kind}: {word} promoted after {rollout.ended - rollout.began:.0f} s")


@scenario("contour")
async def test_configs(scene: Scene) -> None:
    """Data that is changed, becomes immutable, and is then made anew."""
    app = App(scene)
    for name in KINDS:
        await scene.apply(data(name, "one", immutable=False))
    fast = {"analysis": {"stepWeight": 50, "maxWeight": 50, "metrics": None}}
    await app.start(container={"envFrom": _SOURCES}, spec=fast)
    users = await app.traffic()
    for name in KINDS:
        began = time.time()
        await scene.apply(data(name, "two", immutable=True))
        rollout = await app.ended(f"{NAME}:1.0.0", began)
        assert rollout.phases[-1] == "Succeeded"
    for name in KINDS:
        await renewed(scene, app, name, "three")
    assert not [answer for answer in users.answers if answer.failed]
