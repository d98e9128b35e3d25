"""A field that is accepted but can't be taken at its word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpecWarning:
    """``reason`` names the kind in CamelCase, ``message`` says which behaviour applies instead."""

    reason: str
    field: str
    message: str
