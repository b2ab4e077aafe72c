from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contract.recovery import EVIDENCE_KEY
from tandem_runtime.recover.adapters import StageRecovery
from tandem_runtime.recover.evidence import Evidence
from tandem_runtime.recover.kept import LEASED_UNTIL, EvidenceItem, holds_young, observation
from tandem_runtime.recover.logic import REASON, Switch, UnderWayError
from tandem_runtime.shared.signs import LOST_SINCE, SEEN_AT


class Aws:
    """The functions, database and plans that a recovery talks to, as it finds them."""

    def __init__(self, *, switch: object = None, code: str = "") -> None:
        self.payloads: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self._switch, self._code = switch, code

    def invoke(self, *, FunctionName: str, Payload: bytes, InvocationType: str = "") -> dict[str, Any]:  # noqa: N803 - Lambda's names
        self.calls.append(f"{FunctionName} {InvocationType}".strip())
        self.payloads.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(self._switch).encode())}

    def start_plan_execution(self, **given: object) -> dict[str, str]:
        assert (given["action"], given["mode"]) == ("activate", "ungraceful")
        return self._answer("StartPlanExecution")

    def failover_global_cluster(self, **given: object) -> dict[str, str]:
        assert given["AllowDataLoss"] is True
        return self._answer("FailoverGlobalCluster")

    def _answer(self, operation: str) -> dict[str, str]:
        self.calls.append(operation)
        if self._code:
            raise ClientError({"Error": {"Code": self._code, "Message": "now"}}, operation)
        return {"executionId": "1"}


def stage(aws: Aws, *, plan: str | None = None) -> StageRecovery:
    return StageRecovery(
        rds=aws,
        functions=aws,
        region_switch=aws,
        plan_arn=plan,
        target_region="us-west-2",
        global_cluster="global",
        target_cluster_arn="target",
        takeover_function="takeover",
        sweeper_function="sweeper",
    )


@pytest.mark.parametrize(
    ("switch", "known"),
    [
        ({"active": True, "reason": "drill", "at": 7}, Switch(reason="drill", at=7.0)),
        ({"active": True, "reason": "drill"}, Switch(reason="drill", at=None)),
        ({"active": False, "reason": "drill"}, None),
        ({"errorMessage": "no"}, None),
        (None, None),
    ],
)
def test_the_switch_is_asked_and_not_moved_to_learn_who_set_it(switch: object, known: Switch | None) -> None:
    aws = Aws(switch=switch)
    assert stage(aws).switch_as_set() == known
    assert aws.payloads == [{"action": "status"}]


def test_the_switch_is_set_with_a_reason_by_which_it_is_known_again() -> None:
    aws = Aws()
    assert stage(aws).take_over() == ""
    assert aws.payloads == [{"action": "set", "reason": REASON}]


@pytest.mark.parametrize(("plan", "code"), [("arn", "IllegalStateException"), (None, "InvalidGlobalClusterStateFault")])
def test_a_plan_or_database_that_moves_already_is_under_way(plan: str | None, code: str) -> None:
    with pytest.raises(UnderWayError, match=code):
        stage(Aws(code=code), plan=plan).start()
    with pytest.raises(ClientError, match="AccessDenied"):
        stage(Aws(code="AccessDeniedException"), plan=plan).start()


def test_the_database_is_failed_over_past_a_plan_and_the_sweep_is_asked_for_without_waiting() -> None:
    aws = Aws()
    recovery = stage(aws, plan="arn")
    assert recovery.start() == "plan execution 1"
    assert recovery.fail_over() == "database failover"
    recovery.sweep()
    assert aws.calls == ["StartPlanExecution", "FailoverGlobalCluster", "sweeper Event"]


class ConditionalError(Exception): ...


class Table:
    """A table that notes how it is asked, and holds what is put into `items`."""

    class exceptions:  # noqa: N801 - botocore's name
        ConditionalCheckFailedException = ConditionalError

    def __init__(self, *, refuses: bool = False) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.updates: list[dict[str, Any]] = []
        self.queried: list[tuple[str, str]] = []
        self.young = ""
        self._refuses = refuses

    def get_item(self, *, TableName: str, Key: dict[str, Any], ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        assert (TableName, ConsistentRead) == ("table", True)
        item = self.items.get(Key["pk"]["S"])
        return {"Item": item} if item else {}

    def update_item(self, **given: Any) -> None:
        self.updates.append(given)
        if self._refuses and "ConditionExpression" in given:
            raise ConditionalError

    def query(self, **given: Any) -> dict[str, Any]:
        values = given["ExpressionAttributeValues"]
        self.queried.append((values[":bucket"]["S"], values[":since"]["S"]))
        return {"Items": [{}] if values[":bucket"]["S"] == self.young else []}


def test_a_look_is_noted_on_the_condition_that_no_other_was_since() -> None:
    table = Table()
    first, second = Evidence(), Evidence(seen_at=1.0, lost_since=1.0)
    item = EvidenceItem(table, "table")
    assert item.note_lost(first, second)
    assert item.note_lost(second, Evidence(seen_at=61.0, lost_since=1.0))
    assert [each["ConditionExpression"] for each in table.updates] == [
        f"attribute_not_exists({SEEN_AT})",
        f"{SEEN_AT} = :before",
    ]
    assert {str(each["Key"]) for each in table.updates} == {str(EVIDENCE_KEY)}
    assert not EvidenceItem(Table(refuses=True), "table").note_lost(first, second)


def test_a_contradiction_is_noted_whatever_was_noted_meanwhile() -> None:
    table = Table(refuses=True)
    EvidenceItem(table, "table").clear(5.0)
    moved, cleared = table.updates
    assert f"{SEEN_AT} < :now" in moved["ConditionExpression"], "the time of the last look never goes back"
    assert "ConditionExpression" not in cleared
    assert cleared["UpdateExpression"] == f"REMOVE {LOST_SINCE}"
    assert "ExpressionAttributeValues" not in cleared, "DynamoDB refuses an empty map"


def test_the_lease_is_granted_on_the_evidence_as_it_was_read_and_where_none_lasts() -> None:
    table = Table()
    assert EvidenceItem(table, "table").lease(Evidence(seen_at=61.0, lost_since=1.0), now=61.0, until=121.0)
    condition = table.updates[0]["ConditionExpression"]
    assert f"{SEEN_AT} = :seen AND {LOST_SINCE} = :since" in condition
    assert f"{LEASED_UNTIL} <= :now" in condition
    assert not EvidenceItem(Table(refuses=True), "table").lease(Evidence(), now=1.0, until=2.0)


def test_what_is_kept_is_read_as_it_was_written() -> None:
    table = Table()
    assert EvidenceItem(table, "table").read() == Evidence()
    assert observation(table, "table", "us-east-1") is None
    table.items["recovery"] = {SEEN_AT: {"N": "61.5"}, LOST_SINCE: {"N": "1.5"}}
    assert EvidenceItem(table, "table").read() == Evidence(seen_at=61.5, lost_since=1.5)


def test_young_items_are_looked_for_in_every_minute_and_bucket_that_may_hold_them() -> None:
    table = Table()
    now = 1_800_000_030.0  # 08:00:30 in UTC
    assert not holds_young(table, "journal", origin="us-east-1", now=now, limit=90)
    minutes = {bucket.split("#")[1][-5:] for bucket, _ in table.queried}
    assert {"07:59", "08:00", "08:01"} <= minutes
    assert {bucket.split("#")[0] for bucket, _ in table.queried} == {"us-east-1"}
    assert {since for _, since in table.queried} == {"2027-01-15T07:59:00.000000Z"}
    table.young = table.queried[-1][0]
    assert holds_young(table, "journal", origin="us-east-1", now=now, limit=90)
