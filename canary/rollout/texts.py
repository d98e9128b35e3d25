"""The sentences of Kubernetes events, in Flagger's words where it has some."""

from __future__ import annotations

SUSPENDED = "skipping canary run as object is suspended"
PROVIDERS_AVAILABLE = "all the metrics providers are available!"
TO_PRIMARY = "Routing all traffic to primary"
TO_CANARY = "Routing all traffic to canary"
STOP_MIRROR = "Stop traffic mirroring and route all traffic to canary"
NO_AB_TESTING = "A/B testing is not supported when using the kubernetes provider"
NO_PROGRESSIVE = "Progressive traffic is not supported when using the kubernetes provider"


def canary_unready(kind: str, target: str) -> str:
    """What introduces why the target isn't ready; Flagger's spelling of the DaemonSet's (S77)."""
    if kind == "DaemonSet":
        return f"canary damonset {target} not ready with retryable true: "
    return f"canary {kind.lower()} {target} not ready: "


def primary_unready(kind: str, primary: str) -> str:
    """What introduces why the primary isn't ready."""
    return f"{'primary daemonset ' if kind == 'DaemonSet' else ''}{primary} not ready: "


def canary_overdue(kind: str, target: str, cause: str, deadline: int) -> str:
    """Why a canary that wasn't ready in time has failed; ``cause`` is what it waited for."""
    if kind != "DaemonSet":
        return cause
    prefix = f"canary damonset {target} not ready with retryable false: "
    return f"{prefix}exceeded its progressDeadlineSeconds: {deadline}"


def providers_unavailable(cause: str) -> str:
    return f"Error checking metric providers: {cause}"


def initialized(canary: str) -> str:
    return f"Initialization done! {canary}"


def primary_lost(primary: str, rejected: str) -> str:
    return (
        f"{primary} is gone and its template is not pinned any more, and {rejected} of the target "
        "has failed: apply another revision"
    )


def pin_lost(template: str, target: str) -> str:
    return f"the judged template {template} is not pinned any more, and {target} has another one"


def set_up_again(primary: str) -> str:
    return f"{primary} is gone and its template is not pinned any more: set up from the target"


def new_revision(target: str) -> str:
    return f"New revision detected! Scaling up {target}"


def restarting(target: str) -> str:
    return f"New revision detected! Restarting analysis for {target}"


def starting(target: str) -> str:
    return f"Starting canary analysis for {target}"


def canary_weight(canary: str, weight: int) -> str:
    return f"Advance {canary} canary weight {weight}"


def iteration(canary: str, number: int, total: int) -> str:
    return f"Advance {canary} canary iteration {number}/{total}"


def iterations_set(number: int) -> str:
    return f"Setting canaryAnalysis.iterations: {number}"


def rollback_by_hook(canary: str) -> str:
    return f"Rolling back {canary} manual webhook invoked"


def terminating(canary: str) -> str:
    return f"Terminating canary {canary}"


def terminated(canary: str) -> str:
    return f"Terminated canary {canary}"


def still_leaving(canary: str, why: str) -> str:
    """Ours: the deletion waits, so that nobody is without a ready pod."""
    return f"Deletion of {canary} waits: {why}"


def asked_for(canary: str, intent: str) -> str:
    """Ours, as all of manual control."""
    return f"{canary} {intent}"


def declined(intent: str, why: str) -> str:
    return f"Ignoring {intent}: {why}"


def aborted(canary: str, intent: str) -> str:
    return f"Rolling back {canary} {intent}"


def primary_weight(canary: str, weight: int) -> str:
    return f"Advance {canary} primary weight {weight}"


def copying(target: str, primary: str) -> str:
    return f"Copying {target} template spec to {primary}"


def completed(target: str) -> str:
    return f"Promotion completed! Scaling down {target}"


def skipped(target: str) -> str:
    return f"Promotion completed! Canary analysis was skipped for {target}"


def threshold_reached(canary: str, failed: int) -> str:
    return f"Rolling back {canary} failed checks threshold reached {failed}"


def deadline_exceeded(canary: str, cause: str) -> str:
    return f"Rolling back {canary} progress deadline exceeded {cause}"


def failed(canary: str) -> str:
    return f"Canary failed! Scaling down {canary}"


def promotion_failed(target: str, cause: str) -> str:
    return f"Promotion of {target} failed, primary not ready: {cause}"


def reverted(canary: str, target: str) -> str:
    """Ours: Flagger promotes the old template and starts again (defect D7)."""
    return f"Ending {canary} analysis: {target} is back at the promoted revision"


def canary_dead(canary: str) -> str:
    """Ours: Flagger leaves the weight where it is (providers.md D24)."""
    why = "canary has no ready endpoints, routing all traffic to primary"
    return f"Halt {canary} advancement {why}"


def unjudged(canary: str) -> str:
    """Ours: Flagger starts the run of such a revision unasked (D3)."""
    what = "canary became another revision than the one that passed"
    return f"{canary} {what}, routing all traffic to primary"


def bound(canary: str, what: str) -> str:
    """Ours: Flagger leaves the former route at its last split."""
    return f"{canary} was edited in mid-rollout, which counts when it has ended: {what}"


def unrouted(canary: str) -> str:
    """Ours: a run can't go on by a route that is gone."""
    return f"Halt {canary} advancement its route is gone, starting over with what it was edited to"


def rebound(canary: str, what: str) -> str:
    """Ours: the edit counts from now on."""
    return f"{canary} goes on with what it was edited to: {what}"


def no_longer_tested(canary: str) -> str:
    """Ours: Flagger resets the route of every Canary whose spec is edited (D12)."""
    return f"Halt {canary} advancement the A/B test has ended, routing all traffic to primary"


def depends(canary: str, other: str) -> str:
    """Ours: Flagger knows no order among Canaries."""
    return f"Rollout of {canary} waits until canary {other} is at rest and promoted"


def falling(canary: str, weight: int) -> str:
    """Ours: Flagger takes all traffic from a failed canary at once."""
    return f"Rolling back {canary} canary weight {weight}"


def queued(canary: str, limit: str) -> str:
    """Ours: Flagger starts all runs at once."""
    return f"Rollout of {canary} waits for its turn: {limit}"


def step_unapproved(canary: str, number: int, weight: int) -> str:
    """Ours: a step that goes on when somebody has approved it."""
    return f"Halt {canary} advancement waiting for approval of step {number} at weight {weight}"


def found_lower(canary: str, weight: int) -> str:
    """Ours: a restart found the route below the recorded weight."""
    return f"Resuming {canary} at canary weight {weight}, found below the recorded one"
