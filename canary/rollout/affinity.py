"""Session cookies: who has been served by one version stays with it.

Flagger draws their values at random; here they derive from the run and the step, so that a step
that is done twice hands out the same cookie.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import replace

from canary.api.canary import Canary
from canary.rollout.plan import Traffic
from canary.rollout.record import Run
from providers.interface import Affinity

LENGTH = 10
_LETTERS = string.ascii_letters


def handed_out(canary: Canary, run: Run, before: Affinity, traffic: Traffic) -> Affinity:
    """The cookies while the canary gets traffic: one for the run, one for the step (D29)."""
    sticky = canary.spec.analysis.session_affinity
    if sticky is None or not traffic.sticky:
        return before
    uid = canary.metadata.uid or ""
    canary_value = _value(uid, run.id)
    primary = ""
    if sticky.primary_cookie_name:
        primary = f"{sticky.primary_cookie_name}={_value(uid, run.id, str(run.step))}"
    return replace(
        before,
        canary=before.canary or f"{sticky.cookie_name}={canary_value}",
        primary=primary,
    )


def called_in(before: Affinity) -> Affinity:
    """The cookies once the canary has no traffic: that of the run is expired."""
    return Affinity(previous=before.canary or before.previous)


def _value(*parts: str) -> str:
    """Ten letters of a digest of ``parts``."""
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:LENGTH])
