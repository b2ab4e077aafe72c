from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App
from aws_cdk.assertions import Match, Template

from contract.limits import SWEEP_INTERVAL_SECONDS
from stacks import composition
from stacks.settings.stage import load

if TYPE_CHECKING:
    from collections.abc import Callable

    Stage = Callable[[str], dict[str, Template]]


ROOT = Path(__file__).parents[2]


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
        "MarkAge",
        "SweepLag",
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


def _events(template: Template, detail_type: str) -> list[dict[str, Any]]:
    """What the rules on events of a type look for in their detail."""
    patterns = [
        rule["Properties"].get("EventPattern", {}) for rule in template.find_resources("AWS::Events::Rule").values()
    ]
    return [pattern["detail"] for pattern in patterns if detail_type in pattern.get("detail-type", [])]


def test_jobs_that_succeed_are_told_of_only_where_the_settings_ask_for_it(tmp_path: Path) -> None:
    text = (ROOT / "settings" / "dev.toml").read_text(encoding="utf-8")
    completed = {}
    for asked in (False, True):
        value = str(asked).lower()
        (tmp_path / "dev.toml").write_text(f"{text}\n[backup]\ntell_completed = {value}\n", encoding="utf-8")
        context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
        stacks = composition.build(App(context=context), load("dev", tmp_path, account="000000000000"))
        template = next(Template.from_stack(stack) for stack in stacks if stack.node.id == "PrimaryRegionStack")
        [jobs], [copies], [restores] = (
            _events(template, f"{job} Job State Change") for job in ("Backup", "Copy", "Restore")
        )
        assert {"FAILED", "ABORTED", "EXPIRED"} <= set(jobs["state"])
        assert copies == jobs
        assert {"FAILED", "ABORTED"} <= set(restores["status"])
        completed[asked] = {"COMPLETED" in jobs["state"], "COMPLETED" in restores["status"]}
    assert completed == {False: {False}, True: {True}}


def test_whether_the_old_writer_was_fenced_is_told_as_an_event_of_its_instance(templates: Stage) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        [fencing] = _events(templates("prod")[name], "RDS DB Instance Event")
        assert fencing == {"EventID": ["RDS-EVENT-0390", "RDS-EVENT-0391"]}
    assert _events(templates("dev")["PrimaryRegionStack"], "RDS DB Instance Event") == []


def test_a_replication_that_stops_altogether_does_not_look_fine(templates: Stage) -> None:
    for name, ledger in (("PrimaryRegionStack", "notBreaching"), ("SecondaryRegionStack", "breaching")):
        missing = {
            alarm["Properties"]["MetricName"]: alarm["Properties"]["TreatMissingData"]
            for alarm in templates("prod")[name].find_resources("AWS::CloudWatch::Alarm").values()
        }
        assert missing["AuroraGlobalDBReplicationLag"] == ledger
        assert missing["HeartbeatAge"] == "breaching"


def test_how_late_documents_are_is_watched_in_the_region_where_they_arrive_because_s3_tells_it_there(
    templates: Stage,
) -> None:
    for name, source, target, rule in (
        ("PrimaryRegionStack", "us-west-2", "us-east-1", "reverse"),
        ("SecondaryRegionStack", "us-east-1", "us-west-2", "documents"),
    ):
        [alarm] = [
            alarm["Properties"]
            for alarm in templates("prod")[name].find_resources("AWS::CloudWatch::Alarm").values()
            if alarm["Properties"]["Namespace"] == "AWS/S3"
        ]
        of = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
        assert (f"-{source}-" in of["SourceBucket"], f"-{target}-" in of["DestinationBucket"]) == (True, True)
        assert of["RuleId"] == rule


def test_five_minutes_in_which_recover_cannot_tell_are_an_alarm_in_the_secondary_and_so_is_its_silence(
    templates: Stage,
) -> None:
    for stage in ("staging", "prod"):
        templates(stage)["SecondaryRegionStack"].has_resource_properties(
            "AWS::CloudWatch::Alarm",
            {
                "MetricName": "RecoveryDoubt",
                "Threshold": 0,
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 5,
                "Period": 60,
                "TreatMissingData": "breaching",
            },
        )
        primary = templates(stage)["PrimaryRegionStack"].find_resources("AWS::CloudWatch::Alarm")
        assert "RecoveryDoubt" not in str(primary)


def test_no_alarm_on_a_metric_of_dynamodbs_relies_on_what_missing_data_means(templates: Stage) -> None:
    treated = [
        alarm["Properties"]["TreatMissingData"]
        for template in templates("prod").values()
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Namespace"] == "AWS/DynamoDB"
    ]
    assert treated == ["ignore"] * 2


def test_every_region_has_a_dashboard(templates: Stage) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        templates("prod")[name].resource_count_is("AWS::CloudWatch::Dashboard", 1)


def _sections(template: Template) -> list[tuple[str, set[str]]]:
    """The questions of a dashboard from top to bottom, each with the titles of its graphs."""
    [board] = template.find_resources("AWS::CloudWatch::Dashboard").values()
    parts = board["Properties"]["DashboardBody"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "x" for part in parts)
    sections: list[tuple[str, set[str]]] = []
    for widget in json.loads(text)["widgets"]:
        if widget["type"] == "text":
            sections.append((widget["properties"]["markdown"], set()))
        elif widget["type"] == "metric":
            sections[-1][1].add(widget["properties"]["title"])
    return sections


def test_a_dashboard_reads_from_are_we_served_over_are_we_safe_to_what_hurts_and_leaves_no_alarm_out(
    templates: Stage,
) -> None:
    for name, region in (("PrimaryRegionStack", "us-east-1"), ("SecondaryRegionStack", "us-west-2")):
        template = templates("prod")[name]
        sections = _sections(template)
        questions = [f"# Does {region} serve?", "# Is it safe to lose the other Region?", "# What hurts?"]
        assert [question for question, _ in sections] == questions
        assert {"ApiErrors", "ApiSlow"} <= sections[0][1]
        assert {"HeartbeatOld", "LedgerReplicationLag"} <= sections[1][1]
        alarms = template.find_resources(
            "AWS::CloudWatch::Alarm", {"Properties": {"AlarmDescription": Match.any_value()}}
        )
        recovery = {key for key in alarms if "PrimaryLost" in key}
        assert sum(len(titles) for _, titles in sections) == len(alarms) - len(recovery)
    dev = _sections(templates("dev")["PrimaryRegionStack"])
    assert "# Is it safe to lose the other Region?" not in [question for question, _ in dev]


def test_one_alarm_over_what_replicates_says_that_the_other_region_must_not_be_lost_now(templates: Stage) -> None:
    for name, other in (("PrimaryRegionStack", "us-west-2"), ("SecondaryRegionStack", "us-east-1")):
        template = templates("prod")[name]
        [alarm] = template.find_resources("AWS::CloudWatch::CompositeAlarm").values()
        assert f"not safe to lose {other}" in alarm["Properties"]["AlarmDescription"]
        rule = json.dumps(alarm["Properties"]["AlarmRule"])
        for child in ("HeartbeatOld", "JournalReplicationLag", "LedgerReplicationLag", "ProjectionBehind"):
            assert child in rule
        assert alarm["Properties"]["AlarmActions"]
    templates("dev")["PrimaryRegionStack"].resource_count_is("AWS::CloudWatch::CompositeAlarm", 0)


def test_the_secondary_is_not_safe_to_fail_over_to_with_a_plan_that_needs_action_or_another_version(
    templates: Stage,
) -> None:
    for stage, expected in (("prod", {"PlanNeedsAction", "VersionsDiffer"}), ("staging", {"VersionsDiffer"})):
        template = templates(stage)["SecondaryRegionStack"]
        own = {
            name: alarm["Properties"]
            for name, alarm in template.find_resources("AWS::CloudWatch::Alarm").items()
            if alarm["Properties"]["MetricName"] in {"PlanNeedsAction", "VersionsDiffer"}
        }
        assert {alarm["MetricName"] for alarm in own.values()} == expected
        [composite] = template.find_resources("AWS::CloudWatch::CompositeAlarm").values()
        rule = json.dumps(composite["Properties"]["AlarmRule"])
        assert all(name in rule for name in own)


def test_alarms_on_sweeps_fire_when_sweeps_are_silent_and_their_windows_hold_several_sweeps(templates: Stage) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        found = [
            each["Properties"]
            for each in templates("prod")[name].find_resources("AWS::CloudWatch::Alarm").values()
            if each["Properties"]["MetricName"] in {"MarkAge", "SweepLag"}
        ]
        assert len(found) == 4
        assert {each["TreatMissingData"] for each in found} == {"breaching"}
        assert all(each["Period"] * each["EvaluationPeriods"] >= SWEEP_INTERVAL_SECONDS for each in found)
        assert SWEEP_INTERVAL_SECONDS <= 60, "SweeperErrors counts three minutes in a row"
