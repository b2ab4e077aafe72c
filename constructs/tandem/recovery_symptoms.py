"""The symptoms of a secondary Region that could not tell whether the primary is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from contract.metrics import PLAN_NEEDS_ACTION, RECOVERY_DOUBT, VERSIONS_DIFFER
from tandem.metrics import own_metric
from tandem.symptoms import Symptom

if TYPE_CHECKING:
    from contract.names import Names

DOUBTFUL_MINUTES = 5
ROLLOUT_MINUTES = 120
"""How long the Regions may differ while a change goes through one Region at a time (docs/pipeline.md)."""


def recovery_symptoms(names: Names, *, has_plan: bool) -> dict[str, Symptom]:
    """The symptoms of `recover`, which begins nothing while its signals disagree or one of them is unknown.

    A `recover` that says nothing decides nothing, so that missing data is as bad.
    """
    symptoms = {
        RECOVERY_DOUBT: Symptom(
            metric=own_metric(RECOVERY_DOUBT, names=names, function="recover", statistic="Minimum"),
            threshold=0,
            periods=DOUBTFUL_MINUTES,
            description="The signs of the primary's life disagree or are unknown: recover begins nothing meanwhile",
            missing=cloudwatch.TreatMissingData.BREACHING,
        ),
        VERSIONS_DIFFER: Symptom(
            metric=own_metric(VERSIONS_DIFFER, names=names, function="recover", statistic="Minimum"),
            threshold=0,
            periods=ROLLOUT_MINUTES,
            description="The two Regions have run different code or settings for two hours",
        ),
    }
    if has_plan:
        symptoms[PLAN_NEEDS_ACTION] = Symptom(
            metric=own_metric(PLAN_NEEDS_ACTION, names=names, function="recover", statistic="Minimum"),
            threshold=0,
            periods=DOUBTFUL_MINUTES,
            description="ARC's evaluation of the recovery plan needs action: see tandem preflight",
        )
    return symptoms
