"""All scenarios. One entry is all that a strategy, workload, gate or exit needs to join in."""

from simulation import (
    scenarios_edits,
    scenarios_exits,
    scenarios_gates,
    scenarios_intents,
    scenarios_order,
    scenarios_providers,
    scenarios_rollouts,
    scenarios_strategies,
    scenarios_takeover,
    scenarios_workloads,
)
from simulation.scenario import SCENARIOS, Scenario

__all__ = [
    "SCENARIOS",
    "Scenario",
    "scenarios_edits",
    "scenarios_exits",
    "scenarios_gates",
    "scenarios_intents",
    "scenarios_order",
    "scenarios_providers",
    "scenarios_rollouts",
    "scenarios_strategies",
    "scenarios_takeover",
    "scenarios_workloads",
]
