"""Take away what a first deployment that failed has left, so that it can be tried again.

CloudFormation cannot delete what is protected from deletion, keeps what is retained when the stack goes, and refuses to
create anything under a name that is taken. A stack that has never been complete holds nothing that anybody relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.names import StageNames
from contract.waiting import wait_until
from operations.clock import CLOCK
from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from operations.clock import Clock
    from operations.deployment import Regions
    from operations.endpoint import Endpoint

STACKS = ("GlobalStack", "PrimaryRegionStack", "SecondaryRegionStack")
"""The stacks by the names that the CDK CLI knows."""

NEVER_COMPLETE = frozenset(
    {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
)
"""Statuses in which a stack may be that has never been complete (CloudFormation User Guide, stack status codes)."""

_STACK_TYPE = "AWS::CloudFormation::Stack"
_COMPLETE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"})
_GONE = "DELETE_COMPLETE"
_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class FailedStack:
    """A stack that has never been complete: its name, id and Region, and the resources that it still has."""

    name: str
    id: str
    region: str
    resources: tuple[Resource, ...]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource of a stack, by its type and the name or id that AWS knows it by."""

    type: str
    id: str


def failed_stack(endpoint: Endpoint, stage: str, regions: Regions, stack: str) -> FailedStack:
    """Return the stack, one of STACKS; raises WrongInputError when it is not there or was ever complete."""
    primary = stack == "PrimaryRegionStack"
    region = regions.primary if primary else regions.secondary
    name = StageNames(stage=stage).stack(stack.removesuffix("Stack").removesuffix("Region").lower())
    cloudformation = endpoint.stacks(region)
    try:
        [described] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            raise WrongInputError(f"{name} is not in {region}: there is nothing to clean, deploy it") from error
        raise OperationError(f"{name} in {region}: {error}") from error
    status = described["StackStatus"]
    if status.endswith("_IN_PROGRESS") and status not in NEVER_COMPLETE:
        raise WrongInputError(f"{name} in {region} is {status}: wait until that has ended, then run this again")
    events = list(_events(cloudformation, described["StackId"]))
    complete = [each for each in events if _tells_of_the_stack(each) and each["ResourceStatus"] in _COMPLETE]
    if status not in NEVER_COMPLETE or complete:
        raise WrongInputError(
            f"{name} in {region} is {status} and has been complete before: nothing was touched, "
            "deploy it again, or destroy it with make destroy"
        )
    return FailedStack(name=name, id=described["StackId"], region=region, resources=tuple(_newest(events, but=_GONE)))


def clean(
    endpoint: Endpoint,
    stack: FailedStack,
    *,
    timeout_seconds: float,
    say: Callable[[str], None],
    clock: Clock = CLOCK,
) -> tuple[str, ...]:
    """Take the stack's protections off, delete it, then what it retains; return what could not be deleted and why.

    Raises OperationError when the stack itself cannot be deleted, or is not in time.
    """
    cloudformation = endpoint.stacks(stack.region)
    deadline = clock.now() + timeout_seconds
    try:
        cloudformation.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
        for resource in stack.resources:
            if take_off := _PROTECTIONS.get(resource.type):
                take_off(endpoint, stack.region, resource.id)
                say(f"{resource.id} is not protected any more")
        # what is retained may be in the way of what is not: the second time it is gone
        for _ in range(2):
            status = _deleted(cloudformation, stack, deadline=deadline, clock=clock)
            left = _delete(
                endpoint, stack.region, list(_kept(cloudformation, stack.id)), deadline=deadline, say=say, clock=clock
            )
            if status == _GONE:
                say(f"{stack.name} is deleted")
                return left
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"{stack.name} in {stack.region}: {error}") from error
    raise OperationError(f"{stack.name} is {status}: look at its events in {stack.region}, then run this again")


def _deleted(cloudformation: Any, stack: FailedStack, *, deadline: float, clock: Clock) -> str:
    """Delete the stack and return the status that it comes to have, or has when time is up."""
    cloudformation.delete_stack(StackName=stack.id)
    status = ""

    def is_over() -> bool:
        nonlocal status
        status = str(cloudformation.describe_stacks(StackName=stack.id)["Stacks"][0]["StackStatus"])
        return status in {_GONE, "DELETE_FAILED"}

    wait_until(is_over, seconds=deadline - clock.now(), pause=_PAUSE_SECONDS, now=clock.now, sleep=clock.sleep)
    return status


def _delete(
    endpoint: Endpoint,
    region: str,
    resources: list[Resource],
    *,
    deadline: float,
    say: Callable[[str], None],
    clock: Clock,
) -> tuple[str, ...]:
    """Delete resources that use each other: in rounds, as long as a round gets rid of any."""
    control = endpoint.cloud_control(region)
    left, failures = resources, {}
    while left:
        failures = {each: _failure(control, each, deadline=deadline, clock=clock) for each in left}
        gone = [each for each in left if not failures[each]]
        for each in gone:
            say(f"{each.id} is deleted")
        if not gone:
            break
        left = [each for each in left if failures[each]]
    return tuple(f"{each.type} {each.id}: {failures[each]}" for each in left)


def _failure(control: Any, resource: Resource, *, deadline: float, clock: Clock) -> str:
    """Delete one resource; return why it could not be, empty where it is gone."""
    try:
        event = control.delete_resource(TypeName=resource.type, Identifier=resource.id)["ProgressEvent"]

        def is_over() -> bool:
            nonlocal event
            if event["OperationStatus"] in {"PENDING", "IN_PROGRESS"}:
                event = control.get_resource_request_status(RequestToken=event["RequestToken"])["ProgressEvent"]
            return event["OperationStatus"] not in {"PENDING", "IN_PROGRESS"}

        wait_until(is_over, seconds=deadline - clock.now(), pause=_PAUSE_SECONDS, now=clock.now, sleep=clock.sleep)
    except (BotoCoreError, ClientError) as error:
        return "" if "ResourceNotFound" in str(error) else str(error)
    if event["OperationStatus"] == "SUCCESS" or event.get("ErrorCode") == "NotFound":
        return ""
    return str(event.get("StatusMessage") or event["OperationStatus"])


def _events(cloudformation: Any, stack: str) -> Iterator[Mapping[str, Any]]:
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        yield from page["StackEvents"]


def _tells_of_the_stack(event: Mapping[str, Any]) -> bool:
    return bool(event["ResourceType"] == _STACK_TYPE and event.get("PhysicalResourceId") == event["StackId"])


def _kept(cloudformation: Any, stack: str) -> Iterator[Resource]:
    """What the deletion left alone because the template retains it, and what an earlier rollback could not delete."""
    yield from _newest(_events(cloudformation, stack), only={"DELETE_SKIPPED", "DELETE_FAILED"})


def _newest(
    events: Iterable[Mapping[str, Any]], *, only: Collection[str] = (), but: str | None = None
) -> Iterator[Resource]:
    """The resources by the status in their newest event, which comes first."""
    seen: set[str] = set()
    for event in events:
        if event["LogicalResourceId"] in seen or _tells_of_the_stack(event):
            continue
        seen.add(event["LogicalResourceId"])
        status = event["ResourceStatus"]
        if event.get("PhysicalResourceId") and status != but and (not only or status in only):
            yield Resource(type=event["ResourceType"], id=event["PhysicalResourceId"])


def _free_table(endpoint: Endpoint, region: str, name: str) -> None:
    """Each replica has a protection of its own."""
    table = endpoint.dynamodb(region).describe_table(TableName=name)["Table"]
    for each in {region, *(str(replica["RegionName"]) for replica in table.get("Replicas", []))}:
        endpoint.dynamodb(each).update_table(TableName=name, DeletionProtectionEnabled=False)


def _free_cluster(endpoint: Endpoint, region: str, name: str) -> None:
    endpoint.rds(region).modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False)


def _free_global_cluster(endpoint: Endpoint, region: str, name: str) -> None:
    endpoint.rds(region).modify_global_cluster(GlobalClusterIdentifier=name, DeletionProtection=False)


_PROTECTIONS: Mapping[str, Callable[[Endpoint, str, str], None]] = {
    "AWS::DynamoDB::GlobalTable": _free_table,
    "AWS::RDS::DBCluster": _free_cluster,
    "AWS::RDS::GlobalCluster": _free_global_cluster,
}
