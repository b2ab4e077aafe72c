"""The metrics that the functions emit, named as `tandem_runtime.shared.telemetry` does, for every alarm on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    from contract.names import Names

__all__ = ["NAMESPACE", "own_metric"]

NAMESPACE = "Tandem"


def own_metric(name: str, *, names: Names, function: str, statistic: str, region: str = "") -> cloudwatch.Metric:
    """What `function` emits as `name`, by the minute.

    The stage is one of its dimensions, so that two stages in one account never see each other's. `region` is the Region
    that the metric speaks of, where it speaks of one.
    """
    dimensions = {"stage": names.stage, "service": f"tandem-{function}"}
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={**dimensions, "region": region} if region else dimensions,
        statistic=statistic,
        period=Duration.minutes(1),
    )
