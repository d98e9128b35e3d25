"""Mutants that change nothing a user or the cluster could see, each with the argument for it."""

from __future__ import annotations

from collections.abc import Mapping

EQUIVALENT: Mapping[str, str] = {}
"""Name of the mutant to the argument. One that is caught after all is no longer listed here."""
