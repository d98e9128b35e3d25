"""What a refusal of the cluster means for the person who asked."""

from __future__ import annotations

from canary.kube.errors import ApiError, Forbidden, NotFound, Unauthorized, Unreachable

EXPLAINED = (ApiError, Unreachable)
"""What a client raises."""


def explained(error: Exception, program: str) -> str:
    """``error`` in one line, with what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    match error:
        case Unreachable():
            return f"the cluster doesn't answer: {text}; check its address, or choose a --context"
        case Unauthorized():
            return f"the cluster doesn't know you: {text}; log in again, or choose a --context"
        case Forbidden():
            return f"not allowed: {text}; ask for this permission, or choose a --namespace"
        case NotFound():
            # All names are looked up elsewhere: what is missing here is the kind.
            crds = f"{program} crds | kubectl apply --server-side -f -"
            return f"this cluster doesn't know Canaries: {text}; install their definition: {crds}"
        case ApiError():
            return f"the cluster refuses ({error.status} {error.reason}): {text}"
        case _:
            return text
