"""Annotations of Canaries that the engine reads or writes."""

from __future__ import annotations

INTENT = "engine.flagger.app/intent"
"""Where a person asks for something: an action, or a JSON object with ``action``, ``by``,
``reason`` and ``id``."""
