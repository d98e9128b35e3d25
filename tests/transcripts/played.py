"""All scenarios that are played, whatever file their scripts are in."""

from tests.transcripts import scenarios_targets
from tests.transcripts.scenarios import SCENARIOS

__all__ = ["SCENARIOS", "scenarios_targets"]
