"""All scenarios that are played, whatever file their scripts are in."""

from tests.transcripts import (
    scenarios_abtesting,
    scenarios_bluegreen,
    scenarios_changes,
    scenarios_engine,
    scenarios_failed,
    scenarios_gates,
    scenarios_health,
    scenarios_hooks,
    scenarios_skipped,
    scenarios_steps,
    scenarios_targets,
    scenarios_traffic,
)
from tests.transcripts.scenario import SCENARIOS

__all__ = [
    "SCENARIOS",
    "scenarios_abtesting",
    "scenarios_bluegreen",
    "scenarios_changes",
    "scenarios_engine",
    "scenarios_failed",
    "scenarios_gates",
    "scenarios_health",
    "scenarios_hooks",
    "scenarios_skipped",
    "scenarios_steps",
    "scenarios_targets",
    "scenarios_traffic",
]
