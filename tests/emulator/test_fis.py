"""AWS FIS: what a template may hold, what an experiment does to Regions, and how it ends."""

from __future__ import annotations

import copy
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError, ParamValidationError

from emulator.fis.actions import seconds_of
from emulator.fis.errors import ValidationError
from tests.emulator.running import EAST, WEST, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.running import Running

TABLE, STOP = "journal", "stop"
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/experiments"
ALARM = f"arn:aws:cloudwatch:{EAST}:{ACCOUNT}:alarm:{STOP}"
READS = """
    import boto3
    from botocore.config import Config

    def handler(event, context):
        config = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
        client = boto3.client("dynamodb", region_name=event.get("region"), config=config)
        try:
            client.get_item(TableName="journal", Key={"id": {"S": "1"}})
        except Exception as error:
            return type(error).__name__
        return "read"
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    """An embedded AWS in which a minute of an experiment lasts two seconds, with a global table and a role."""
    with embedded_aws("fis", "--regions", f"{EAST},{WEST}", "--alarm-period-scale", "0.0333") as running:
        running.table(TABLE, EAST, WEST)
        trust = {"Effect": "Allow", "Principal": {"Service": "fis.amazonaws.com"}, "Action": "sts:AssumeRole"}
        running.client("iam").create_role(
            RoleName="experiments", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        running.client("cloudwatch").put_metric_alarm(
            AlarmName=STOP,
            Namespace="Tests",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        running.client("logs").create_log_group(logGroupName="experiments")
        yield running


def table_arn(table: str = TABLE) -> str:
    return f"arn:aws:dynamodb:{EAST}:{ACCOUNT}:table/{table}"


def template(minutes: int = 60, **changed: Any) -> dict[str, Any]:
    """A template that pauses the table's replication, with what is `changed`."""
    group = f"arn:aws:logs:{EAST}:{ACCOUNT}:log-group:experiments:*"
    given = {
        "clientToken": uuid.uuid4().hex,
        "description": "pauses the replication",
        "roleArn": ROLE,
        "stopConditions": [{"source": "aws:cloudwatch:alarm", "value": ALARM}],
        "targets": {
            "Tables": {
                "resourceType": "aws:dynamodb:global-table",
                "resourceArns": [table_arn()],
                "selectionMode": "ALL",
            }
        },
        "actions": {
            "Pause": {
                "actionId": "aws:dynamodb:global-table-pause-replication",
                "parameters": {"duration": f"PT{minutes}M"},
                "targets": {"Tables": "Tables"},
            }
        },
        "logConfiguration": {"logSchemaVersion": 2, "cloudWatchLogsConfiguration": {"logGroupArn": group}},
    }
    return {**copy.deepcopy(given), **changed}


def made(aws: Running, given: dict[str, Any]) -> str:
    return str(aws.client("fis").create_experiment_template(**given)["experimentTemplate"]["id"])


def started(aws: Running, given: dict[str, Any], **more: Any) -> str:
    answer = aws.client("fis").start_experiment(
        clientToken=uuid.uuid4().hex, experimentTemplateId=made(aws, given), **more
    )
    return str(answer["experiment"]["id"])


def told(aws: Running, experiment: str) -> dict[str, Any]:
    answer: dict[str, Any] = aws.client("fis").get_experiment(id=experiment)["experiment"]
    return answer


def ends(aws: Running, experiment: str) -> tuple[str, str]:
    ended = ("completed", "stopped", "failed")
    until(lambda: told(aws, experiment)["state"]["status"] in ended, what=f"{experiment} ends")
    state = told(aws, experiment)["state"]
    return state["status"], state["reason"]


def runs(aws: Running, experiment: str) -> None:
    until(lambda: told(aws, experiment)["state"]["status"] == "running", what=f"{experiment} runs")


def stop(aws: Running, experiment: str) -> None:
    aws.client("fis").stop_experiment(id=experiment)
    assert ends(aws, experiment)[0] == "stopped"


@pytest.mark.parametrize(("duration", "seconds"), [("PT1M", 60), ("PT90S", 90), ("PT1H30M", 5400), ("PT12H", 43200)])
def test_a_duration_is_read_as_iso_8601_writes_it(duration: str, seconds: float) -> None:
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "PT", "10M", "PT59S", "PT12H1S", "P1D"])
def test_a_duration_outside_of_a_minute_to_twelve_hours_is_refused(duration: str) -> None:
    with pytest.raises(ValidationError, match="duration"):
        seconds_of(duration)


def test_while_replication_is_paused_nothing_arrives_and_afterwards_all_of_it_does(aws: Running) -> None:
    experiment = started(aws, template())
    runs(aws, experiment)
    aws.put(EAST, TABLE, "eastern", "1")
    aws.put(WEST, TABLE, "western", "2")
    until(lambda: aws.state()["pending_replication"] >= 2, what="both writes wait")
    assert (aws.get(WEST, TABLE, "eastern"), aws.get(EAST, TABLE, "western")) == (None, None)
    stop(aws, experiment)
    until(lambda: (aws.get(WEST, TABLE, "eastern"), aws.get(EAST, TABLE, "western")) == ("1", "2"), what="both arrive")


def test_another_table_replicates_on(aws: Running) -> None:
    aws.table("other", EAST, WEST)
    experiment = started(aws, template())
    runs(aws, experiment)
    aws.put(EAST, "other", "1", "here")
    until(lambda: aws.get(WEST, "other", "1") == "here", what="the other table's write arrives")
    stop(aws, experiment)


def test_an_experiment_ends_by_itself_and_writes_its_log(aws: Running) -> None:
    experiment = started(aws, template(minutes=1))
    assert ends(aws, experiment) == ("completed", "Experiment completed.")
    assert told(aws, experiment)["actions"]["Pause"]["state"]["status"] == "completed"
    events = aws.client("logs").get_log_events(logGroupName="experiments", logStreamName=experiment)["events"]
    kinds = [json.loads(each["message"])["log_type"] for each in events]
    assert kinds == ["experiment-start", "action-start", "action-end", "experiment-end"]


def test_an_alarm_that_rings_stops_it_and_one_that_rings_already_keeps_it_from_beginning(aws: Running) -> None:
    alarm = aws.client("cloudwatch")
    experiment = started(aws, template())
    runs(aws, experiment)
    alarm.set_alarm_state(AlarmName=STOP, StateValue="ALARM", StateReason="a test")
    try:
        status, reason = ends(aws, experiment)
        assert (status, ALARM in reason) == ("stopped", True)
        aws.put(EAST, TABLE, "after", "1")
        until(lambda: aws.get(WEST, TABLE, "after") == "1", what="replication goes on")
        second = started(aws, template())
        assert ends(aws, second)[0] == "stopped"
        assert told(aws, second)["actions"]["Pause"]["state"]["status"] == "cancelled"
    finally:
        alarm.set_alarm_state(AlarmName=STOP, StateValue="OK", StateReason="a test")


def test_functions_of_the_subnet_are_cut_off_from_dynamodb_in_their_region_and_nobody_else(aws: Running) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="reads", Description="reads", VpcId=vpc)["GroupId"]
    outside = aws.function(EAST, "outside", READS)
    inside = aws.function(EAST, "inside", READS)
    inside_config = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    aws.client("lambda").update_function_configuration(FunctionName="inside", VpcConfig=inside_config)
    targets = {
        "Subnets": {
            "resourceType": "aws:ec2:subnet",
            "resourceArns": [f"arn:aws:ec2:{EAST}:{ACCOUNT}:subnet/{subnet}"],
            "selectionMode": "ALL",
        }
    }

    def cut(action: str, **parameters: str) -> dict[str, Any]:
        of_subnets = {"Subnets": "Subnets"}
        given = {"actionId": action, "parameters": {"duration": "PT60M", **parameters}, "targets": of_subnets}
        return template(targets=targets, actions={"Cut": given})

    experiment = started(aws, cut("aws:network:disrupt-connectivity", scope="dynamodb"))
    runs(aws, experiment)
    assert inside() == "ReadTimeoutError"
    assert (inside({"region": WEST}), outside()) == ("read", "read")
    stop(aws, experiment)
    assert inside() == "read"
    experiment = started(aws, cut("aws:network:route-table-disrupt-cross-region-connectivity", region=WEST))
    runs(aws, experiment)
    assert (inside({"region": WEST}), inside(), outside({"region": WEST})) == ("ReadTimeoutError", "read", "read")
    stop(aws, experiment)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("actions", "Pause", "actionId"), "aws:rds:failover-global-cluster", "not an action"),
        (("actions", "Pause", "parameters"), {}, "takes duration"),
        (("actions", "Pause", "parameters", "duration"), "PT1S", "duration"),
        (("actions", "Pause", "targets"), {"Clusters": "Tables"}, "one target, Tables"),
        (("targets", "Tables", "resourceType"), "aws:ec2:subnet", "must be a target of type"),
        (("targets", "Tables", "resourceArns"), [], "resourceArns"),
        (("stopConditions",), [{"source": "aws:cloudwatch:alarm"}], "stop condition"),
        (("actions",), {}, "an action"),
    ],
)
def test_a_template_that_aws_refuses_is_refused(aws: Running, path: tuple[str, ...], value: Any, says: str) -> None:
    given = template()
    *way, last = path
    place = given
    for each in way:
        place = place[each]
    place[last] = value
    with pytest.raises(ClientError, match=says) as refusal:
        made(aws, given)
    assert refusal.value.response["Error"]["Code"] == "ValidationException"


def test_a_template_without_a_role_is_refused(aws: Running) -> None:
    without = {key: value for key, value in template().items() if key != "roleArn"}
    with pytest.raises(ParamValidationError, match="roleArn"):
        made(aws, without)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"roleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, "Unable to assume role nobody"),
        (
            {
                "targets": {
                    "Tables": {
                        "resourceType": "aws:dynamodb:global-table",
                        "resourceArns": [table_arn("nothing")],
                        "selectionMode": "ALL",
                    }
                }
            },
            "empty set",
        ),
    ],
)
def test_an_experiment_without_its_role_or_its_targets_fails(aws: Running, changed: dict[str, Any], says: str) -> None:
    status, reason = ends(aws, started(aws, template(**changed)))
    assert (status, says in reason) == ("failed", True)


def test_an_alarm_of_another_region_is_refused_when_the_experiment_is_started(aws: Running) -> None:
    far = {"source": "aws:cloudwatch:alarm", "value": ALARM.replace(EAST, WEST)}
    with pytest.raises(ClientError, match="another Region"):
        started(aws, template(stopConditions=[far]))


def test_one_client_token_starts_one_experiment(aws: Running) -> None:
    fis, asked = aws.client("fis"), {"clientToken": uuid.uuid4().hex, "experimentTemplateId": made(aws, template())}
    first, again = (fis.start_experiment(**asked)["experiment"]["id"] for _ in range(2))
    assert first == again
    with pytest.raises(ClientError) as refusal:
        fis.start_experiment(**{**asked, "experimentTemplateId": made(aws, template())})
    assert refusal.value.response["Error"]["Code"] == "ConflictException"
    runs(aws, first)
    stop(aws, first)
    with pytest.raises(ClientError, match="stopped"):
        fis.stop_experiment(id=first)


def test_a_list_takes_what_is_asked_for_in_the_path_and_its_signature_holds(aws: Running) -> None:
    fis = aws.client("fis")
    first, second = made(aws, template()), made(aws, template())
    for each in (first, second):
        started = fis.start_experiment(clientToken=each, experimentTemplateId=each)["experiment"]["id"]
        stop(aws, started)
    listed = fis.list_experiments(experimentTemplateId=first, maxResults=100)["experiments"]
    assert [each["experimentTemplateId"] for each in listed] == [first]


def test_what_is_not_there_is_not_found(aws: Running) -> None:
    fis = aws.client("fis")
    far, elsewhere = aws.client("fis", WEST), made(aws, template())
    for ask, given in (
        (fis.get_experiment, {"id": "EXPnothing"}),
        (fis.start_experiment, {"clientToken": "x", "experimentTemplateId": "EXTnothing"}),
        (far.get_experiment_template, {"id": elsewhere}),
    ):
        with pytest.raises(ClientError) as refusal:
            ask(**given)
        assert refusal.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_template_follows_its_stack(aws: Running) -> None:
    stacks, fis = aws.client("cloudformation"), aws.client("fis")

    def body(minutes: int) -> str:
        properties = {
            "Description": "of a stack",
            "RoleArn": ROLE,
            "StopConditions": [{"Source": "none"}],
            "Tags": {"Name": "of-a-stack"},
            "Targets": {
                "Tables": {
                    "ResourceType": "aws:dynamodb:global-table",
                    "ResourceArns": [table_arn()],
                    "SelectionMode": "ALL",
                }
            },
            "Actions": {
                "Pause": {
                    "ActionId": "aws:dynamodb:global-table-pause-replication",
                    "Parameters": {"duration": f"PT{minutes}M"},
                    "Targets": {"Tables": "Tables"},
                }
            },
        }
        return json.dumps(
            {"Resources": {"Experiment": {"Type": "AWS::FIS::ExperimentTemplate", "Properties": properties}}}
        )

    def durations() -> list[str]:
        listed = fis.list_experiment_templates()["experimentTemplates"]
        ours = [each["id"] for each in listed if each.get("tags", {}).get("Name") == "of-a-stack"]
        templates = [fis.get_experiment_template(id=each)["experimentTemplate"] for each in ours]
        return [each["actions"]["Pause"]["parameters"]["duration"] for each in templates]

    stacks.create_stack(StackName="experiments", TemplateBody=body(5))
    stacks.get_waiter("stack_create_complete").wait(StackName="experiments", WaiterConfig={"Delay": 1})
    assert durations() == ["PT5M"]
    stacks.update_stack(StackName="experiments", TemplateBody=body(7))
    stacks.get_waiter("stack_update_complete").wait(StackName="experiments", WaiterConfig={"Delay": 1})
    assert durations() == ["PT7M"]
    stacks.delete_stack(StackName="experiments")
    stacks.get_waiter("stack_delete_complete").wait(StackName="experiments", WaiterConfig={"Delay": 1})
    assert durations() == []
