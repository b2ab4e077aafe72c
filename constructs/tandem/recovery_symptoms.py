"""The symptoms of a secondary Region that could not tell whether the primary is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from contract.metrics import RECOVERY_DOUBT
from tandem.metrics import own_metric
from tandem.symptoms import Symptom

if TYPE_CHECKING:
    from contract.names import Names

DOUBTFUL_MINUTES = 5


def recovery_symptoms(names: Names) -> dict[str, Symptom]:
    """The symptoms of `recover`, which begins nothing while its signals disagree or one of them is unknown.

    A `recover` that says nothing decides nothing, so that missing data is as bad.
    """
    return {
        RECOVERY_DOUBT: Symptom(
            metric=own_metric(RECOVERY_DOUBT, names=names, function="recover", statistic="Minimum"),
            threshold=0,
            periods=DOUBTFUL_MINUTES,
            description="The signs of the primary's life disagree or are unknown: recover begins nothing meanwhile",
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
    }
