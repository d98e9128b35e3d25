"""The stages of a Canary, one for each of Flagger's phases, and what each one tells people."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a Canary stands. The value is the phase that ``status.phase`` shows."""

    INITIALIZING = "Initializing"
    INITIALIZED = "Initialized"
    WAITING = "Waiting"
    PROGRESSING = "Progressing"
    WAITING_PROMOTION = "WaitingPromotion"
    PROMOTING = "Promoting"
    FINALISING = "Finalising"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    TERMINATING = "Terminating"
    TERMINATED = "Terminated"

    @property
    def idle(self) -> bool:
        """No run is in flight; a change of the target starts one."""
        return self in (Stage.INITIALIZED, Stage.SUCCEEDED, Stage.FAILED)

    @property
    def running(self) -> bool:
        """A run is in flight: its evidence, weights and pins count."""
        return self in (
            Stage.PROGRESSING,
            Stage.WAITING_PROMOTION,
            Stage.PROMOTING,
            Stage.FINALISING,
        )

    @property
    def judged(self) -> bool:
        """The canary is under analysis."""
        return self in (Stage.PROGRESSING, Stage.WAITING_PROMOTION)

    @property
    def leaving(self) -> bool:
        """The Canary is being deleted, and gives back what it changed."""
        return self in (Stage.TERMINATING, Stage.TERMINATED)

    @property
    def promoted(self) -> str:
        """Status of the ``Promoted`` condition: True, False or Unknown."""
        if self in (Stage.INITIALIZED, Stage.SUCCEEDED):
            return "True"
        return "False" if self is Stage.FAILED else "Unknown"

    def message(self, kind: str, *, scaled_down: bool = True) -> str:
        """Message of the ``Promoted`` condition for a target of ``kind``.

        ``scaled_down`` is False where a failed promotion left the canary serving: Flagger claims
        otherwise there (defect D23).
        """
        if self is Stage.FAILED and not scaled_down:
            return f"Canary analysis failed, {kind} keeps serving: its promotion failed."
        return _MESSAGES[self].format(kind=kind)


_MESSAGES = {
    Stage.INITIALIZING: "New {kind} detected, starting initialization.",
    Stage.INITIALIZED: "{kind} initialization completed.",
    Stage.WAITING: "Waiting for approval.",
    Stage.PROGRESSING: "New revision detected, progressing canary analysis.",
    Stage.WAITING_PROMOTION: "Waiting for approval.",
    Stage.PROMOTING: "Canary analysis completed, starting primary rolling update.",
    Stage.FINALISING: "Canary analysis completed, routing all traffic to primary.",
    Stage.SUCCEEDED: "Canary analysis completed successfully, promotion finished.",
    Stage.FAILED: "Canary analysis failed, {kind} scaled to zero.",
    Stage.TERMINATING: "New {kind} detected, starting initialization.",
    Stage.TERMINATED: "Canary deleted, {kind} serves by itself.",
}
