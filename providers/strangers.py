"""What can't be had in a route that a user made: rules of the engine's own (D26)."""

from __future__ import annotations

from providers import names
from providers.interface import Object

_NEED_RULES = ("match", "mirror", "sessionAffinity")


def unavailable(live: Object, canary: Object) -> str:
    """Why ``live`` can't carry what ``spec.analysis`` asks for; empty if it can.

    Such a route keeps everybody on the primary: weights alone would send users to the canary on no
    condition (D7).
    """
    asked = [field for field in _NEED_RULES if names.analysis(canary).get(field)]
    if not asked or names.belongs(live, canary):
        return ""
    fields = " and ".join(f"spec.analysis.{field}" for field in asked)
    return (
        f"{live['kind']} {names.where(canary)} was made by a user, and {fields} needs rules that "
        "only a generated one has: delete it, and the engine makes its own"
    )
