"""A Canary with ``revertOnDeletion`` is deleted while users go on: its target has them all."""

from __future__ import annotations

from collections.abc import Sequence

from canary.kube.resources import CANARIES, PODS
from e2e.app import PATIENCE, App
from e2e.judgement import only_bad_images_fail
from e2e.manifests import NAME
from e2e.traffic import Traffic, by_revision

REVERTING = {"revertOnDeletion": True}
"""For the Canary's spec."""


async def deleted(app: App, users: Sequence[Traffic], revision: str) -> None:
    """Delete the Canary and wait until its primary's last pod is gone: users of a healthy target
    had no failed request, and all are at ``revision``, served by the target's own pods."""
    scene = app.scene
    pods = scene.timeline(PODS)
    begun = [len(each.answers) for each in users]
    canary = await scene.client.get(CANARIES, scene.namespace, NAME)
    uid = canary["metadata"]["uid"]
    await scene.client.delete(CANARIES, scene.namespace, NAME, uid=uid)
    await app.canaries.until(lambda: app.canaries.get(NAME) is None, "end of the Canary", PATIENCE)

    def alone() -> bool:
        names = [str(pod["metadata"]["name"]) for pod in pods]
        return bool(names) and not any(name.startswith(f"{NAME}-primary-") for name in names)

    await pods.until(alone, "end of the primary's pods", PATIENCE)
    for each, first in zip(users, begun, strict=True):
        await each.reaches(revision)
        only_bad_images_fail(each.answers[first:])
        assert not each.answers[-1].pod.startswith(f"{NAME}-primary-")
        tallies = by_revision(each.answers[first:]).items()
        told = ", ".join(f"{who} {tally.requests}/{tally.failed}" for who, tally in tallies)
        scene.say(f"deleted: requests and failures by revision: {told}")
