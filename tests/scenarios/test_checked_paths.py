"""In a deployed stage: the checked paths answer, every other one is a 404, and nothing tells the part in passing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract.checks import HEALTH_PATH
from contract.parameters import API_URL, CHECKED_PART
from operations.deployment import find_deployment
from operations.endpoint import ApiClient, Endpoint
from tests.scenarios.conftest import REGIONS

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from tests.scenarios.conftest import DeployedStage


@pytest.fixture
def endpoint(deployed: DeployedStage) -> Endpoint:
    return Endpoint(deployed.url)


@pytest.fixture
def deployment(deployed: DeployedStage, endpoint: Endpoint) -> Deployment:
    return find_deployment(endpoint, deployed.name, REGIONS)


def part_of(deployment: Deployment) -> str:
    """The part, which both Regions keep."""
    parts = {deployment.get(region, CHECKED_PART) for region in REGIONS.both}
    [part] = parts
    return part


@pytest.mark.parametrize("region", REGIONS.both)
def test_a_checked_path_answers_and_what_anybody_can_guess_does_not(
    endpoint: Endpoint, deployment: Deployment, region: str
) -> None:
    guesses = [HEALTH_PATH, f"{HEALTH_PATH}/", f"{HEALTH_PATH}/{'0' * 48}", "/takeover"]
    with ApiClient(endpoint, {region: deployment.get(region, API_URL)}, timeout_seconds=60) as client:
        assert client.request(region, "GET", deployment.health_path(region))[0] == 200
        assert [client.request(region, "GET", path)[0] for path in guesses] == [404] * len(guesses)


def test_no_log_no_metric_and_nothing_that_a_stack_tells_holds_the_part(
    endpoint: Endpoint, deployment: Deployment
) -> None:
    part = part_of(deployment)
    for region in REGIONS.both:
        told: list[Any] = [
            page["Metrics"] for page in endpoint.cloudwatch(region).get_paginator("list_metrics").paginate()
        ]
        stacks = endpoint.stacks(region)
        for stack in stacks.describe_stacks()["Stacks"]:
            told += [stack.get("Outputs"), stack.get("Parameters")]
            told += stacks.describe_stack_resources(StackName=stack["StackName"])["StackResources"]
        logs = endpoint.client("logs", region)
        groups = [each for page in logs.get_paginator("describe_log_groups").paginate() for each in page["logGroups"]]
        assert any("/aws/lambda/tandem-domain" in each["logGroupName"] for each in groups) or region == REGIONS.primary
        for group in groups:
            told.append(logs.filter_log_events(logGroupName=group["logGroupName"])["events"])
        assert part not in json.dumps(told, default=str)


def test_the_apis_name_leads_to_the_custom_domain_of_the_region_that_serves(
    endpoint: Endpoint, deployment: Deployment
) -> None:
    records = endpoint.client("route53", REGIONS.primary)
    [zone] = [each for each in records.list_hosted_zones()["HostedZones"] if _serves(each["Name"], deployment.api_name)]
    sets = records.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    targets = [each["ResourceRecords"][0]["Value"] for each in sets if each["Name"] == f"{deployment.api_name}."]
    assert len(targets) == 2
    assert all(target.startswith("d-") for target in targets)
    proofs = [each for each in sets if each["Type"] == "CNAME" and "acm-validations.aws" in str(each)]
    assert len(proofs) == 1


def _serves(zone: str, name: str) -> bool:
    return f"{name}.".endswith(f".{zone}")
