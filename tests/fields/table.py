"""The table of fields: one entry for each leaf."""

from __future__ import annotations

from operator import attrgetter

from tests.fields import (
    felt_analysis,
    felt_messages,
    felt_spec,
    shown_conditions,
    shown_policies,
    shown_routes,
    shown_services,
    without,
)
from tests.fields.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    *felt_spec.ENTRIES,
    *shown_services.ENTRIES,
    *shown_routes.ENTRIES,
    *shown_policies.ENTRIES,
    *felt_analysis.ENTRIES,
    *shown_conditions.ENTRIES,
    *felt_messages.ENTRIES,
    *without.ENTRIES,
)

ID = attrgetter("id")
"""How pytest names the test of an entry."""
