"""What a goal becomes: plans of tool steps, a page each."""

from crewboard.pipelines.plan import Gate, Plan, Reference, Step, step
from crewboard.pipelines.registry import PIPELINES, Pipeline, Wanted, find

__all__ = ["PIPELINES", "Gate", "Pipeline", "Plan", "Reference", "Step", "Wanted", "find", "step"]
