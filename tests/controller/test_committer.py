"""A status write replaces what the engine says, on the version that the decision saw."""

from __future__ import annotations

import pytest

from canary import virtualtime
from canary.clock import LoopClock
from canary.controller.committer import Committer
from canary.kube.errors import Conflict
from canary.kube.resources import CANARIES, CRDS, NAMESPACES
from canary.rollout.record import Record
from canary.rollout.stage import Stage
from canary.sandbox.cluster import Cluster
from tests.rig.definitions import own_crds
from tests.rig.manifests import daemon_setting
from tests.rig.stage import ORIGIN

OTHERS = {"type": "Reviewed", "status": "True", "reason": "ByTeam", "message": "fine"}
INITIALIZED = Record(stage=Stage.INITIALIZED)


def test_what_others_say_stays_and_a_stale_decision_says_nothing() -> None:
    async def play() -> None:
        clock = LoopClock(ORIGIN)
        cluster = Cluster(clock)
        user, committer = cluster.client("kubectl"), Committer(cluster.client("engine"), clock)
        for crd in own_crds():
            await user.create(CRDS, crd)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "test"}}
        await user.create(NAMESPACES, namespace)
        live = await user.create(CANARIES, daemon_setting()[-1])
        live["status"] = {"phase": "", "conditions": [OTHERS]}
        live = await user.update(CANARIES, live, subresource="status")
        written = await committer.commit(live, INITIALIZED, ())
        assert written == cluster.get(CANARIES, "test", "podinfo")
        promoted, kept = written["status"]["conditions"]
        assert promoted["message"] == "DaemonSet initialization completed."
        assert kept == OTHERS
        with pytest.raises(Conflict):
            await committer.commit(live, Record(stage=Stage.FAILED), ())
        assert cluster.get(CANARIES, "test", "podinfo") == written

    virtualtime.run(play())
