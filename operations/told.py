"""What a stage's own functions told CloudWatch last: of a ledger that may not be asked, and from end to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contract.metrics import (
    CANARY_ACKNOWLEDGED,
    CANARY_JOURNALLED,
    MARK_AGE,
    NAMESPACE,
    REGION,
    SERVICE,
    STAGE,
    service_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

LOOK_BACK = timedelta(minutes=5)
"""How far back the last word is looked for: each of these is told every minute."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A metric's last point: its value, and how many seconds ago it was told."""

    value: float
    ago_seconds: float


@dataclass(frozen=True, kw_only=True)
class Canary:
    """What the canary measured of a Region last, in seconds; None where it measured nothing in the last minutes.

    `acknowledged` is its round trip through the Region's API, `journalled` the time until the Region's journal held
    what the other Region had taken.
    """

    acknowledged: Told | None
    journalled: Told | None


def last_told(
    endpoint: Endpoint, deployment: Deployment, metric: str, *, function: str, asked: str, of: str
) -> Told | None:
    """Return the last point of a metric of ours about Region `of`, as CloudWatch of Region `asked` has it.

    Raises BotoCoreError or ClientError when that does not tell it.
    """
    dimensions = {STAGE: deployment.stage, SERVICE: service_of(function), REGION: of}
    return last_point(endpoint, asked, NAMESPACE, metric, dimensions, look_back=LOOK_BACK)


def last_point(
    endpoint: Endpoint, region: str, namespace: str, metric: str, dimensions: Mapping[str, str], *, look_back: timedelta
) -> Told | None:
    """Return the last point of any metric, a minute's maximum; raises BotoCoreError or ClientError."""
    now = datetime.now(tz=UTC)
    answer = endpoint.cloudwatch(region).get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - look_back,
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )
    points = sorted(answer.get("Datapoints", []), key=lambda point: point["Timestamp"])
    if not points:
        return None
    ago = max(0.0, (now - points[-1]["Timestamp"]).total_seconds())
    return Told(value=float(points[-1]["Maximum"]), ago_seconds=ago)


def marks_told(endpoint: Endpoint, deployment: Deployment, region: str) -> dict[str, Told]:
    """Return the age of the marks of a Region's ledger by origin, as its sweeper told them; empty while it is silent.

    The sweeper reads a replica too, so this is known where AWS's Data API refuses to be asked.
    """
    told = {
        origin: last_told(endpoint, deployment, MARK_AGE, function="sweeper", asked=region, of=origin)
        for origin in deployment.regions.both
    }
    return {origin: point for origin, point in told.items() if point is not None}


def canary(endpoint: Endpoint, deployment: Deployment, view: str) -> dict[str, Canary]:
    """Return what the canary of Region `view` measured of each Region."""
    return {
        region: Canary(
            acknowledged=last_told(endpoint, deployment, CANARY_ACKNOWLEDGED, function="canary", asked=view, of=region),
            journalled=last_told(endpoint, deployment, CANARY_JOURNALLED, function="canary", asked=view, of=region),
        )
        for region in deployment.regions.both
    }
