"""All scenarios that are recorded, whatever file declares them."""

from e2e.record import (
    scenes_adopted,
    scenes_gates,
    scenes_gateways,
    scenes_istio,
    scenes_routes,
    scenes_runs,
    scenes_strategies,
    scenes_words,
    scenes_workloads,
)
from e2e.record.scenario import SCENARIOS

__all__ = [
    "SCENARIOS",
    "scenes_adopted",
    "scenes_gates",
    "scenes_gateways",
    "scenes_istio",
    "scenes_routes",
    "scenes_runs",
    "scenes_strategies",
    "scenes_words",
    "scenes_workloads",
]
