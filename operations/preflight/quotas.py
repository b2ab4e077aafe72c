"""What the standby may use, against what the primary has used at its peak within two weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from contract.parameters import API_URL
from operations.errors import OperationError
from operations.preflight.lines import ObjectionError

if TYPE_CHECKING:
    from operations.preflight.lines import Subject

DAYS = 14
"""How far back the peak is looked for."""
PERIOD_SECONDS = 900
"""Points of so many seconds keep two weeks below the 1,440 that one call returns (CloudWatch, GetMetricStatistics)."""
API_QUOTA = "Throttle rate"
"""What Service Quotas calls the requests per second of all APIs of a Region."""


def peak(
    subject: Subject, region: str, namespace: str, metric: str, statistic: Literal["Maximum", "Sum"], **dimensions: str
) -> float:
    """Return the highest point of a metric within two weeks; 0 where nothing was used."""
    now = datetime.now(tz=UTC)
    answer = subject.endpoint.cloudwatch(region).get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(days=DAYS),
        EndTime=now,
        Period=PERIOD_SECONDS,
        Statistics=[statistic],
    )
    return max((float(point[statistic]) for point in answer["Datapoints"]), default=0.0)


def _enough(allowed: float, used: float, unit: str) -> str:
    line = f"{allowed:g} {unit} allowed, the primary used {used:g} at its peak of {DAYS} days"
    if allowed < used:
        raise ObjectionError(line)
    return line


def functions(subject: Subject, region: str) -> str:
    """Lambda's concurrent executions (Lambda API Reference, GetAccountSettings)."""
    limit = subject.endpoint.functions(region).get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    used = peak(subject, subject.regions.primary, "AWS/Lambda", "ConcurrentExecutions", "Maximum")
    return _enough(limit, used, "concurrent executions")


def tables(subject: Subject, region: str) -> str:
    """The units that one table may take a second (DynamoDB API Reference, DescribeLimits)."""
    limits: dict[str, Any] = dict(subject.endpoint.dynamodb(region).describe_limits())
    table = subject.deployed.journal_table(subject.regions.primary)
    said = []
    for what in ("Write", "Read"):
        metric = f"Consumed{what}CapacityUnits"
        total = peak(subject, subject.regions.primary, "AWS/DynamoDB", metric, "Sum", TableName=table)
        unit = f"{what.lower()} units a second"
        said.append(_enough(limits[f"TableMax{what}CapacityUnits"], round(total / PERIOD_SECONDS, 1), unit))
    return "; ".join(said)


def requests(subject: Subject, region: str) -> str:
    """API Gateway's requests per second over all APIs of the account in a Region (Service Quotas)."""
    pages = subject.endpoint.client("service-quotas", region).get_paginator("list_service_quotas")
    limits = [
        quota["Value"]
        for page in pages.paginate(ServiceCode="apigateway")
        for quota in page["Quotas"]
        if quota["QuotaName"] == API_QUOTA
    ]
    if not limits:
        raise OperationError(f"Service Quotas names no {API_QUOTA!r} of API Gateway in {region}")
    host = urlsplit(subject.deployed.get(subject.regions.primary, API_URL)).hostname or ""
    api = host.partition(".")[0]
    total = peak(subject, subject.regions.primary, "AWS/ApiGateway", "Count", "Sum", ApiId=api)
    return _enough(limits[0], round(total / PERIOD_SECONDS, 1), "requests a second")


def capacity(subject: Subject, region: str) -> str:
    """The capacity that the standby's cluster may grow to (RDS API Reference, DescribeDBClusters)."""
    name = subject.deployed.cluster_arn(region).rpartition(":")[2]
    clusters = subject.endpoint.rds(region).describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    allowed = clusters[0]["ServerlessV2ScalingConfiguration"]["MaxCapacity"]
    primary = subject.regions.primary
    used = peak(
        subject,
        primary,
        "AWS/RDS",
        "ServerlessDatabaseCapacity",
        "Maximum",
        DBClusterIdentifier=subject.deployed.cluster_arn(primary).rpartition(":")[2],
    )
    return _enough(allowed, used, "capacity units")
