"""What a verdict makes of the record: one move for each stage and kind of verdict."""

from __future__ import annotations

from canary.rollout.moves.tables import MOVES, Move

__all__ = ["MOVES", "Move"]
