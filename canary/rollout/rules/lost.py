"""A rule of a Canary at rest whose primary nobody can make again."""

from __future__ import annotations

from canary.rollout import texts
from canary.rollout.observed import Unknown
from canary.rollout.rules.readiness import unmakable
from canary.rollout.verdict import Hold, Pin, Verdict
from canary.rollout.view import View


def lost(view: View) -> Verdict | None:
    """The primary can't be made again: the target is what there is.

    Nobody is served, and nothing could be compared with. A revision that was rejected doesn't take
    over for that; any other one is set up as the first was (S40).
    """
    meant, revision = unmakable(view), view.revision
    if meant is None or isinstance(revision, Unknown):
        return None
    if revision.template == meant.template:
        return None  # its pin can be made of the target
    if revision == view.record.applied:
        text = texts.primary_lost(view.primary_name, revision.template)
        return Hold(text, text=text, urgent=True)
    return Pin(texts.set_up_again(view.primary_name), revision)
