"""All scenarios that are played, whatever file their scripts are in."""

from tests.transcripts import (
    scenarios_changes,
    scenarios_failed,
    scenarios_health,
    scenarios_skipped,
    scenarios_steps,
    scenarios_targets,
)
from tests.transcripts.scenario import SCENARIOS

__all__ = [
    "SCENARIOS",
    "scenarios_changes",
    "scenarios_failed",
    "scenarios_health",
    "scenarios_skipped",
    "scenarios_steps",
    "scenarios_targets",
]
