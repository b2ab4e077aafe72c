"""The metrics that the functions emit, for every alarm on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from contract.metrics import NAMESPACE, REGION, SERVICE, STAGE, service_of

if TYPE_CHECKING:
    from contract.names import Names

__all__ = ["own_metric"]


def own_metric(name: str, *, names: Names, function: str, statistic: str, region: str = "") -> cloudwatch.Metric:
    """Return the metric that `function` emits as `name`, in periods of a minute.

    The stage is one of its dimensions, so that two stages in one account never see each other's. `region` is the Region
    that the metric speaks of, where it speaks of one.
    """
    dimensions = {STAGE: names.stage, SERVICE: service_of(function)}
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={**dimensions, REGION: region} if region else dimensions,
        statistic=statistic,
        period=Duration.minutes(1),
    )
