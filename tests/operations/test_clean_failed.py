"""Which stacks may be cleaned, and what is left of one: against answers that the test gives."""

from __future__ import annotations

from typing import Any

import pytest

from operations.clean_failed import Resource, clean, failed_stack
from operations.clock import Clock
from operations.deployment import Regions
from operations.errors import OperationError, WrongInputError

ID = "arn:stack/tandem-primary-probe"
TABLE = Resource(type="AWS::DynamoDB::GlobalTable", id="journal")
BUCKET = Resource(type="AWS::S3::Bucket", id="documents")


def event(status: str, *, resource: Resource | None = None) -> dict[str, str]:
    return {
        "StackId": ID,
        "LogicalResourceId": resource.id if resource else "tandem-primary-probe",
        "PhysicalResourceId": resource.id if resource else ID,
        "ResourceType": resource.type if resource else "AWS::CloudFormation::Stack",
        "ResourceStatus": status,
    }


class Account:
    """CloudFormation, DynamoDB and Cloud Control of one Region, as far as cleaning asks them."""

    def __init__(self, status: str, *events: dict[str, str], refused: dict[Resource, int] | None = None) -> None:
        self.status, self.events = [status], list(events)
        self.refused = refused or {}
        self.calls: list[str] = []

    def stacks(self, _: str) -> Account:
        return self

    dynamodb = cloud_control = stacks

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        status = self.status.pop(0) if len(self.status) > 1 else self.status[0]
        return {"Stacks": [{"StackId": ID, "StackStatus": status}]}

    def get_paginator(self, operation: str) -> Any:
        pages = {
            "describe_stack_events": {"StackEvents": self.events},
        }

        class Pages:
            def paginate(self, **_: str) -> list[dict[str, Any]]:
                return [pages[operation]]

        return Pages()

    def update_termination_protection(self, **given: Any) -> None:
        self.calls.append(f"termination {given['EnableTerminationProtection']}")

    def describe_table(self, **_: str) -> dict[str, Any]:
        return {"Table": {"Replicas": []}}

    def update_table(self, **given: Any) -> None:
        self.calls.append(f"table {given['DeletionProtectionEnabled']}")

    def delete_stack(self, **_: str) -> None:
        self.calls.append("delete stack")

    def delete_resource(self, **given: str) -> dict[str, Any]:
        resource = Resource(type=given["TypeName"], id=given["Identifier"])
        times = self.refused.get(resource, 0)
        self.refused[resource] = times - 1
        if times > 0:
            return {"ProgressEvent": {"OperationStatus": "FAILED", "StatusMessage": "it is in use"}}
        self.calls.append(f"delete {resource.id}")
        return {"ProgressEvent": {"OperationStatus": "SUCCESS"}}


def found(account: Account) -> Any:
    return failed_stack(account, "probe", Regions(), "PrimaryRegionStack")  # type: ignore[arg-type] # the account


def cleaned(account: Account, *statuses: str) -> tuple[str, ...]:
    stack = found(account)
    account.status = list(statuses)
    now = iter(range(1000))
    clock = Clock(now=lambda: float(next(now)), sleep=lambda _: None)
    return clean(account, stack, timeout_seconds=100, say=lambda _: None, clock=clock)  # type: ignore[arg-type] # the account


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_whose_status_tells_of_a_completion_is_refused(status: str) -> None:
    with pytest.raises(WrongInputError, match=f"is {status} and has been complete before: nothing was touched"):
        found(Account(status))


def test_a_stack_that_something_is_done_to_is_left_to_it() -> None:
    with pytest.raises(WrongInputError, match="is CREATE_IN_PROGRESS: wait until that has ended"):
        found(Account("CREATE_IN_PROGRESS"))


def test_a_deletion_that_failed_tells_by_its_events_whether_the_stack_was_complete() -> None:
    with pytest.raises(WrongInputError, match="has been complete before"):
        found(Account("DELETE_FAILED", event("DELETE_FAILED"), event("CREATE_COMPLETE")))
    never = found(Account("DELETE_FAILED", event("DELETE_FAILED"), event("CREATE_COMPLETE", resource=TABLE)))
    assert never.resources == (TABLE,)


def test_protections_are_taken_off_before_the_stack_is_deleted_and_what_it_keeps_after() -> None:
    account = Account("ROLLBACK_FAILED", event("DELETE_SKIPPED", resource=TABLE))
    assert cleaned(account, "DELETE_IN_PROGRESS", "DELETE_COMPLETE") == ()
    assert account.calls == ["termination False", "table False", "delete stack", "delete journal"]


def test_what_is_in_use_by_something_else_that_is_kept_is_deleted_in_the_next_round() -> None:
    kept = [event("DELETE_SKIPPED", resource=each) for each in (TABLE, BUCKET)]
    account = Account("ROLLBACK_FAILED", *kept, refused={TABLE: 1})
    assert cleaned(account, "DELETE_COMPLETE") == ()
    assert account.calls[-2:] == ["delete documents", "delete journal"]


def test_what_cannot_be_deleted_is_named_with_the_reason() -> None:
    account = Account("ROLLBACK_FAILED", event("DELETE_SKIPPED", resource=BUCKET), refused={BUCKET: 99})
    assert cleaned(account, "DELETE_COMPLETE") == ("AWS::S3::Bucket documents: it is in use",)


def test_a_stack_that_what_it_keeps_is_in_the_way_of_is_deleted_twice_and_then_given_up() -> None:
    account = Account("ROLLBACK_FAILED", event("DELETE_SKIPPED", resource=TABLE))
    assert cleaned(account, "DELETE_FAILED", "DELETE_COMPLETE") == ()
    assert account.calls.count("delete stack") == 2
    with pytest.raises(OperationError, match="is DELETE_FAILED: look at its events in us-east-1"):
        cleaned(Account("ROLLBACK_FAILED"), "DELETE_FAILED")
