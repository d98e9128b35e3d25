"""Fields without an effect: nothing differs, or a value is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from canary import virtualtime
from canary.kube.errors import Invalid
from canary.kube.resources import DEPLOYMENTS
from tests.fields.entry import Without
from tests.fields.play import Play
from tests.fields.scenes import manifests
from tests.fields.table import ENTRIES, ID

WITHOUT = [entry for entry in ENTRIES if isinstance(entry, Without)]
OURS = ("services", "deployments", "virtualservices", "destinationrules", "ingresses",
        "horizontalpodautoscalers", "scaledobjects")  # fmt: skip
CHANCE = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation")


def plain(value: Any) -> Any:
    """Without what differs from cluster to cluster."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in CHANCE}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def everything(play: Play) -> dict[str, Any]:
    """All objects that the engine makes, and all that went out."""
    storage = play.stage.cluster.server.storage
    objects = {
        f"{key.namespace}/{kind.plural}/{key.name}": plain(obj)
        for kind in storage.resources()
        if kind.plural in OURS
        for key, obj in storage.all(kind)
    }
    told = [plain(dict(request.body)) for request in play.chats.requests]
    return {**objects, "queries": play.servers.queries, "told": told, "events": play.stage.events()}


async def rollout(entry: Without, value: Any) -> dict[str, Any]:
    play = Play()
    await play.begins(manifests(entry, value), keda=entry.scene == "scaled")
    await play.stage.set_image("podinfo:2.0.0")
    await play.first_step()
    halfway = everything(play)
    await play.phase("Succeeded")
    await play.stage.rest(30)
    await play.ends()
    return {"halfway": halfway, **everything(play)}


@pytest.mark.parametrize("entry", [e for e in WITHOUT if not e.says], ids=ID)
def test_nothing_differs(entry: Without) -> None:
    first, second = [virtualtime.run(rollout(entry, value)) for value in entry.values]
    assert first == second
    assert any("/virtualservices/" in name or "/ingresses/" in name for name in first)


@pytest.mark.parametrize("entry", [e for e in WITHOUT if e.says], ids=ID)
def test_a_value_is_refused_by_name(entry: Without) -> None:
    async def said() -> str:
        play = Play(no_cross_namespace_refs=True)
        await play.stage.up(namespaces=("test", "base"))
        try:
            await play.stage.apply(*manifests(entry, entry.values[1]))
        except Invalid as error:
            await play.ends()
            return str(error)
        play.stage.start()
        await play.stage.rest(30)
        assert play.stage.get(DEPLOYMENTS, "podinfo-primary") is None
        await play.ends()
        return "\n".join(text for _, text in play.stage.events())

    assert entry.says in virtualtime.run(said())
