"""What an estimate is made of: schedules, kept points, grouped lines, and refusals of one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from costs.__main__ import main
from costs.estimate import UnpricedError, estimate, grouped
from costs.idle import FREE, RULES, idle
from costs.line import Line
from costs.prices import read_prices
from costs.restore_tests import journal_read
from costs.template import Resource, read_assembly
from costs.usage import points_kept, runs_a_day

if TYPE_CHECKING:
    from pathlib import Path


def resource(kind: str, region: str = "us-east-1", **properties: Any) -> Resource:
    return Resource(region=region, id="Id", type=kind, properties=properties)


def plan(region: str, schedule: str, days: int, copied_days: int) -> Resource:
    rule = {
        "ScheduleExpression": schedule,
        "Lifecycle": {"DeleteAfterDays": days},
        "CopyActions": [{"Lifecycle": {"DeleteAfterDays": copied_days}}],
    }
    return resource("AWS::Backup::BackupPlan", region, BackupPlan={"BackupPlanRule": [rule]})


@pytest.mark.parametrize(("schedule", "runs"), [("cron(0 * * * ? *)", 24), ("cron(30 5 * * ? *)", 1)])
def test_a_schedule_is_counted_by_the_day(schedule: str, runs: float) -> None:
    assert runs_a_day(schedule) == runs


@pytest.mark.parametrize(
    "schedule", ["rate(1 hour)", "cron(0/5 * * * ? *)", "cron(0 5 1 * ? *)", "cron(0 1-5 * * ? *)"]
)
def test_a_schedule_that_is_not_read_is_refused_and_not_taken_for_another(schedule: str) -> None:
    with pytest.raises(ValueError, match="is no schedule that costs reads"):
        runs_a_day(schedule)


def test_every_point_that_is_kept_counts_and_so_does_its_copy() -> None:
    plans = [plan("us-east-1", "cron(0 * * * ? *)", 1, 35), plan("us-west-2", "cron(0 3 * * ? *)", 35, 35)]
    assert points_kept(plans) == {"us-east-1": 24 + 24 * 35, "us-west-2": 70}


def test_weekly_restore_tests_cost_an_instance_s_half_hour_and_a_read_of_the_journal_four_times_a_month() -> None:
    prices = read_prices()
    tests = resource("AWS::Backup::RestoreTestingPlan", ScheduleExpression="cron(0 7 ? * SUN *)")
    cluster = resource("AWS::RDS::DBCluster", ServerlessV2ScalingConfiguration={"MinCapacity": 2})
    [line] = idle([tests, cluster], prices)
    assert line.dollars == pytest.approx(730 / 168 * 0.5 * 2 * prices.of("acu", "hour"))
    [read] = journal_read([tests, cluster], prices)
    assert read.dollars == pytest.approx(730 / 168 * 0.25 * prices.of("dynamodb", "read_million"))
    daily = resource("AWS::Backup::RestoreTestingPlan", ScheduleExpression="cron(0 7 * * ? *)")
    with pytest.raises(ValueError, match="is not weekly"):
        journal_read([daily], prices)


def test_no_type_is_both_priced_and_free() -> None:
    assert not FREE.keys() & RULES.keys()


def test_a_type_that_nobody_has_priced_is_named() -> None:
    with pytest.raises(UnpricedError, match=r"no price for AWS::EC2::NatGateway: add a rule or a reason"):
        estimate([resource("AWS::EC2::NatGateway")], read_prices(), rate=1)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::RDS::DBInstance", {"DBInstanceClass": "db.r6g.large"}),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface"}),
    ],
)
def test_what_is_charged_by_the_hour_and_has_no_price_is_refused(kind: str, properties: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no price for the"):
        idle([resource(kind, **properties)], read_prices())


def test_lines_that_are_counted_alike_become_one() -> None:
    line = Line(region="r", service="alarms", dollars=0.1, counted="0.10 each")
    [three] = grouped([line] * 3)
    assert (round(three.dollars, 2), three.counted) == (0.3, "3 x 0.10 each")


def test_an_assembly_s_stacks_are_read_with_their_regions(tmp_path: Path) -> None:
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://1/eu-west-1",
        "properties": {"templateFile": "a.json"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"a": artifact, "b": {"type": "cdk:tree"}}}))
    (tmp_path / "a.json").write_text(json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}))
    [key] = read_assembly(tmp_path)
    assert (key.region, key.type) == ("eu-west-1", "AWS::KMS::Key")


def test_a_folder_without_an_assembly_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "holds no cloud assembly" in message
    assert "run make synth first" in message


@pytest.mark.parametrize("rate", ["-1", "fast", "1e9"])
def test_a_rate_that_is_none_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["cdk.out", "--rate", rate])
    assert f"{rate!r} is no rate" in capsys.readouterr().err
