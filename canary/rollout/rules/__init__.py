"""What decides: for each stage an ordered row of rules, the first verdict counts."""

from __future__ import annotations

from canary.rollout.rules.tables import RULES, Rule

__all__ = ["RULES", "Rule"]
