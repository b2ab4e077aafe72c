"""Whether this Region is ready to take over: told after each look, and never a part of the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from contract.metrics import PLAN_NEEDS_ACTION, VERSIONS_DIFFER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Versions(Protocol):
    """What the heartbeats say that each Region runs."""

    def version(self, region: str) -> str:
        """The version of `region`, empty where it is not known."""
        ...


def readiness(
    versions: Versions,
    regions: Sequence[str],
    region_switch: Any,
    plan_arn: str | None,
    *,
    errors: tuple[type[Exception], ...],
    warn: Callable[[str], None],
) -> dict[str, float]:
    """Return the metrics of what can be told; what AWS does not tell is left out, so that nothing looks fine by it.

    The plan's evaluation is ARC's (ARC Region switch API Reference, GetPlanEvaluationStatus). A Region that has never
    named its version, because an earlier release runs there, is not compared.
    """
    metrics = {}
    try:
        known = [versions.version(region) for region in regions]
        if all(known):
            metrics[VERSIONS_DIFFER] = float(len(set(known)) > 1)
        if plan_arn:
            state = region_switch.get_plan_evaluation_status(planArn=plan_arn)["evaluationState"]
            metrics[PLAN_NEEDS_ACTION] = float(state == "actionRequired")
    except errors as error:
        warn(type(error).__name__)
    return metrics
