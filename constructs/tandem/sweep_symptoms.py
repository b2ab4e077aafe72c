"""What hurts when sweeps do not keep up, as metrics with thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from contract.limits import MARK_LATE_SECONDS
from contract.metrics import MARK_AGE, SWEEP_LAG
from tandem.metrics import own_metric
from tandem.symptoms import Symptom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract.names import Names

__all__ = ["Sweeps", "sweep_symptoms"]

_LAG_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Sweeps:
    """Whose items a Region's sweeper reads, and how old evidence must be before a mark may rise to it."""

    origins: Sequence[str]
    margin_seconds: int


def sweep_symptoms(sweeps: Sweeps, names: Names) -> dict[str, Symptom]:
    """The symptoms of sweeps; the sweeper tells both metrics every minute in both Regions, so its silence hurts.

    Evidence that begins anew keeps a mark where it is for another margin: a mark is too old after twice that.
    """
    symptoms = {}
    too_old = 2 * sweeps.margin_seconds + MARK_LATE_SECONDS
    for number, origin in enumerate(sweeps.origins, 1):
        for metric, threshold, description in (
            (MARK_AGE, too_old, "No mark has come to vouch for what is old by now"),
            (SWEEP_LAG, _LAG_SECONDS, "Sweeps are a quarter of an hour behind the journal, or do not run"),
        ):
            symptoms[f"{metric}{number}"] = Symptom(
                metric=own_metric(metric, names=names, function="sweeper", statistic="Maximum", region=origin),
                threshold=threshold,
                periods=5,
                description=f"{description}: origin {origin}",
                missing=cloudwatch.TreatMissingData.BREACHING,
            )
    return symptoms
