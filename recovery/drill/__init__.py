"""Drills: scenarios composed of phases over one running load."""

from recovery.drill.context import DrillContext
from recovery.drill.result import DrillOptions, DrillResult, Observation
from recovery.drill.runner import Drill
from recovery.drill.scenario import Scenario
from recovery.drill.scenarios import REGION_LOSS, SCENARIOS

__all__ = [
    "REGION_LOSS",
    "SCENARIOS",
    "Drill",
    "DrillContext",
    "DrillOptions",
    "DrillResult",
    "Observation",
    "Scenario",
]
