"""Every wrong request and property of this folder, sent to an embedded AWS whose gates are off.

This shows that the gates are what refuses: a case that MiniStack refuses by itself says so, and one that a later
MiniStack refuses, or takes again, fails here until its fact is corrected.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from contract.patterns import EMBEDDED_ACCOUNT
from emulator.certificates import validation
from emulator.gates.models import SERVICES
from tests.aws_says_no import test_requests, test_resources
from tests.aws_says_no.stock import OVERLOOKED, REFUSED, TAKEN
from tests.emulator.running import EAST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS = [*test_requests.WRONG, *test_requests.BY_HAND]
RESOURCES = [*test_resources.WRONG, *test_resources.BY_HAND]
NOT_SERVED = {"application-autoscaling", "synthetics"}
"""Services that MiniStack does not serve: what they are asked is refused whatever it is."""


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("before-the-gates", "--gate", "off") as running:
        running.table("orders", EAST)
        running.client("sqs").create_queue(QueueName="orders")
        running.client("s3").create_bucket(Bucket="orders")
        running.client("sns").create_topic(Name="orders")
        prove(running, str(test_resources.CERTIFICATE["DomainName"]), test_resources.LONG_NAME)
        yield running


def prove(aws: Running, *domains: str) -> None:
    """Make the records that certificates wait for, without which their stacks would never be settled."""
    route53 = aws.client("route53")
    zone = route53.create_hosted_zone(Name="test", CallerReference="test")["HostedZone"]["Id"]
    records = [validation(EMBEDDED_ACCOUNT, domain, "DNS")["ResourceRecord"] for domain in domains]
    sets = [
        {"Name": each["Name"], "Type": each["Type"], "TTL": 60, "ResourceRecords": [{"Value": each["Value"]}]}
        for each in records
    ]
    changes = [{"Action": "UPSERT", "ResourceRecordSet": each} for each in sets]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


@cache
def unchecked(url: str, service: str) -> Any:
    """A client that sends whatever it is given."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=url,
        region_name=EAST,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - loopback only
        config=Config(parameter_validation=False, retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def code_of(error: Exception | None) -> str:
    assert isinstance(error, ClientError), error
    return str(error.response["Error"]["Code"])


@pytest.mark.parametrize("case", REQUESTS)
def test_a_wrong_request_met_what_its_case_says_without_the_gate(
    aws: Running, case: tuple[str, str, dict[str, Any], str, str]
) -> None:
    service, operation, parameters, _, before = case
    try:
        unchecked(aws.url, service)._make_api_call(operation, parameters)  # noqa: SLF001 - by its own name
    except ClientError as error:
        gate = test_requests.answered(service, operation, parameters, test_requests.refusing()[1])
        outcome = REFUSED if code_of(error) == code_of(gate) else OVERLOOKED
    else:
        outcome = TAKEN
    assert outcome == before


@pytest.mark.parametrize(("number", "case"), list(enumerate(RESOURCES)))
def test_a_wrong_property_met_what_its_case_says_without_the_gate(
    aws: Running, number: int, case: tuple[str, dict[str, Any], str, str]
) -> None:
    resource_type, properties, _, before = case
    stacks, name = aws.client("cloudformation"), f"case-{number}"
    template = {"Resources": {"Any": {"Type": resource_type, "Properties": properties}}}

    def status() -> str:
        found = str(stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        return "" if found.endswith("_IN_PROGRESS") else found

    try:
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    except ClientError as error:
        assert "Unrecognized resource types" in str(error)  # noqa: PT017 - whatever else is no outcome
        outcome = REFUSED
    else:
        outcome = TAKEN if until(status) == "CREATE_COMPLETE" else REFUSED
        stacks.delete_stack(StackName=name)
    assert outcome == before


def test_every_service_that_ministack_serves_took_or_overlooked_a_wrong_request() -> None:
    passed = {service for service, _, _, _, before in REQUESTS if before == TAKEN}
    assert set(SERVICES) - passed == NOT_SERVED


def test_most_types_were_made_with_a_wrong_property() -> None:
    types = {resource_type for resource_type, _, _, _ in RESOURCES}
    taken = {resource_type for resource_type, _, _, before in RESOURCES if before == TAKEN}
    assert len(taken) > len(types) / 2
