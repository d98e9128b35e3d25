"""One look at one Canary, whose trouble stays with it: others go on, it is tried again."""

from __future__ import annotations

import logging
import time

from canary.controller.admission import Admission
from canary.controller.heralds import Heralds
from canary.controller.memory import Memory
from canary.controller.metrics import Metrics
from canary.controller.projector import PromiseBroken
from canary.controller.reconcile import Reconciler
from canary.kube.errors import (
    ApiError,
    Conflict,
    NotFound,
    ServerError,
    TooManyRequests,
    Unreachable,
)
from canary.kube.queue import WorkQueue
from canary.kube.resources import Key, Obj
from canary.kube.store import key_of

log = logging.getLogger("canary.controller")

_TRANSIENT = (Conflict, NotFound, ServerError, TooManyRequests, Unreachable)


class Looks:
    """Reconciles, and sees to what comes of it."""

    def __init__(
        self,
        reconciler: Reconciler,
        queue: WorkQueue[Key],
        admission: Admission,
        heralds: Heralds,
        metrics: Metrics,
    ) -> None:
        self._reconciler, self._queue, self._admission = reconciler, queue, admission
        self._heralds, self._metrics = heralds, metrics

    async def look(self, obj: Obj, memory: Memory) -> None:
        """Reconcile ``obj`` once; never raises."""
        key, began = key_of(obj), time.perf_counter()
        try:
            await self._reconciler.reconcile(obj, memory)
        except _TRANSIENT as failure:
            delay = self._retry(key, getattr(failure, "retry_after", None) or 0.0)
            level = logging.DEBUG if isinstance(failure, Conflict) else logging.WARNING
            log.log(level, "%s; again in %.1f s", failure, delay, extra={"canary": str(key)})
        except (ApiError, PromiseBroken) as failure:
            self._retry(key)
            log.error("%s", failure, extra={"canary": str(key)})
            await self._heralds.complain(obj, str(failure))
        except Exception:
            # A defect stays with its Canary: the others go on.
            self._retry(key)
            log.exception("reconcile failed", extra={"canary": str(key)})
        else:
            self._queue.succeeded(key)
        self._metrics.reconciled(time.perf_counter() - began)

    def _retry(self, key: Key, after: float = 0.0) -> float:
        """Seconds until the next try; until then it takes no other run's turn."""
        self._admission.withdrawn(key)
        return self._queue.retry(key, after)
