"""Settings that change in place, all in one deployment under traffic: what AWS then has, and nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from contract.parameters import API_URL
from tests.changes.stage import LONG, REGIONS, Stage

pytestmark = LONG

CHANGES = (
    ("minimum_capacity = 0.5", "minimum_capacity = 1.0\nreaders = 1\nbackup_days = 14"),
    ("maximum_capacity = 4.0", "maximum_capacity = 8.0"),
    (r"\[functions\]", "[api]\nrate = 50\nburst = 70\n\n[functions]\nlog_retention_days = 90"),
    ("retain = false", 'retain = false\nnotify = ["ops@example.com"]'),
)


@pytest.fixture(scope="module")
def changed(staging: Stage) -> Stage:
    """The stage after one deployment of all of these."""
    staging.change(*CHANGES)
    with staging.traffic():
        staging.deploy()
    return staging


def cluster(stage: Stage, region: str) -> dict[str, Any]:
    """The Region's cluster as RDS describes it."""
    name = stage.deployment.cluster_arn(region)
    description: dict[str, Any] = stage.endpoint.rds(region).describe_db_clusters(DBClusterIdentifier=name)[
        "DBClusters"
    ][0]  # type: ignore[assignment]
    return description


@pytest.mark.parametrize("region", REGIONS.both)
def test_capacity_changes_in_place(changed: Stage, region: str) -> None:
    scaling = cluster(changed, region)["ServerlessV2ScalingConfiguration"]
    assert (scaling["MinCapacity"], scaling["MaxCapacity"]) == (1.0, 8.0)


@pytest.mark.parametrize("region", REGIONS.both)
def test_a_reader_is_added(changed: Stage, region: str) -> None:
    assert len(cluster(changed, region)["DBClusterMembers"]) == 2


@pytest.mark.parametrize("region", REGIONS.both)
def test_backups_and_logs_are_kept_longer(changed: Stage, region: str) -> None:
    assert cluster(changed, region)["BackupRetentionPeriod"] == 14
    logs = changed.client("logs", region)
    groups = logs.describe_log_groups(logGroupNamePrefix=f"/aws/rds/cluster/tandem-ledger-{changed.name}")["logGroups"]
    assert [each["retentionInDays"] for each in groups] == [90]


@pytest.mark.parametrize("region", REGIONS.both)
def test_the_api_takes_another_rate(changed: Stage, region: str) -> None:
    api = changed.deployment.get(region, API_URL).partition("://")[2].partition(".")[0]
    settings = changed.client("apigatewayv2", region).get_stage(ApiId=api, StageName="$default")["DefaultRouteSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (50, 70)


@pytest.mark.parametrize("region", REGIONS.both)
def test_somebody_is_told_from_now_on(changed: Stage, region: str) -> None:
    subscriptions = changed.client("sns", region).list_subscriptions()["Subscriptions"]
    assert "ops@example.com" in [each["Endpoint"] for each in subscriptions]
