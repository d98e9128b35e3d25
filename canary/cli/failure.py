"""What a command says when it can't do its work: one line, with what to do about it."""

from __future__ import annotations

from canary.kube.credentials import NotConfigured
from canary.kube.errors import ApiError, Forbidden, NotFound, Unauthorized, Unreachable


class CommandFailed(Exception):
    """A command can't go on; the text says why, and what to do."""


EXPLAINED = (ApiError, Unreachable, NotConfigured)
"""Errors of the cluster that ``explained`` has words for."""


def explained(error: Exception, program: str) -> str:
    """``error`` in one line for people."""
    text = " ".join(str(error).split()) or type(error).__name__
    match error:
        case Unreachable():
            return f"the cluster doesn't answer: {text}; check the address in your kubeconfig"
        case Unauthorized():
            return f"the cluster doesn't know you: {text}; log in again, or choose a --context"
        case Forbidden():
            return f"you may not do that: {text}; ask for the permission, or choose a --context"
        case NotFound():
            return (
                "this cluster has no Canaries yet: "
                f"{program} crds | kubectl apply --server-side -f -"
            )
        case ApiError():
            return f"the cluster refuses ({error.status} {error.reason}): {text}"
        case _:
            return text
