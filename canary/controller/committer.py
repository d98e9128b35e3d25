"""One status write per decision, on the version that the decision saw."""

from __future__ import annotations

from collections.abc import Sequence

from canary.clock import Clock
from canary.kube.client import Client
from canary.kube.resources import CANARIES, Obj
from canary.rollout.record import Record
from canary.rollout.status import Notice, present


class Committer:
    """Writes records. A conflict is the caller's sign to start over."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def commit(self, canary: Obj, record: Record, notices: Sequence[Notice]) -> Obj:
        """Replace the status of ``canary``; gives the object as the server has it now.

        uid and resourceVersion of ``canary`` go along, so that a stale decision, or one of a
        process that lost its leadership, fails with Conflict.
        """
        kind = str(canary.get("spec", {}).get("targetRef", {}).get("kind") or "Deployment")
        status = present(record, kind, canary.get("status") or {}, self._clock.now(), notices)
        body = {**canary, "status": status}
        body["metadata"] = {k: v for k, v in canary["metadata"].items() if k != "managedFields"}
        return await self._client.update(CANARIES, body, subresource="status")
