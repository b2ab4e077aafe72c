from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_what_hurts_is_alarmed_on(templates: Stage) -> None:
    alarms = str(templates("prod")["SecondaryRegionStack"].find_resources("AWS::CloudWatch::Alarm"))
    for metric in (
        "AuroraGlobalDBReplicationLag",
        "ReplicationLatency",
        "IteratorAge",
        "Errors",
        "Throttles",
        "p99",
        "Quarantined",
        "QuarantineHeld",
        "Conflicts",
        "HeartbeatAge",
    ):
        assert metric in alarms


def test_the_alarm_on_the_quarantine_stays_red_between_sweeps_until_all_is_released(templates: Stage) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        templates("prod")[name].has_resource_properties(
            "AWS::CloudWatch::Alarm",
            {
                "MetricName": "QuarantineHeld",
                "Dimensions": [{"Name": "service", "Value": "tandem-sweeper"}, {"Name": "stage", "Value": "prod"}],
                "Statistic": "Maximum",
                "Threshold": 0,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "ignore",
            },
        )


def test_backup_copy_and_failover_events_reach_the_topic(templates: Stage) -> None:
    rules = templates("prod")["PrimaryRegionStack"].find_resources("AWS::Events::Rule")
    for expected in ("Backup Job State Change", "Copy Job State Change", "RDS DB Cluster Event"):
        assert expected in str(rules)


def test_every_region_has_a_dashboard(templates: Stage) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        templates("prod")[name].resource_count_is("AWS::CloudWatch::Dashboard", 1)
