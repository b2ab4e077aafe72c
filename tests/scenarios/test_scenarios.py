"""Scenarios, on one deployed stage: nothing acknowledged is lost, posted twice or missing anywhere.

The quarantine is tried here too: a file of its own would have a worker deploy another stage.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from command.cli import main
from contract.waiting import wait_until
from drills.scenarios.catalogue import REGION_LOSS, SCENARIOS
from drills.scenarios.unattended import canary_has_reached_both
from operations.deployment import SETTINGS, find_deployment
from operations.endpoint import ApiClient, Endpoint
from operations.preflight.lines import Outcome
from operations.preflight.questions import Ports, preflight, subject_of
from operations.status import gather
from tests.scenarios.conftest import LONG, REGIONS, STAGE, failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.embedded.cdk import CdkCli
    from drills.scenarios.scenario import Scenario

PATIENCE_SECONDS = 180
NOT_THERE = {
    "API Gateway quota",
    "recovery plan",
    "domain delegated",
    *(f"certificate in {region}" for region in REGIONS.both),
}
"""What a preflight asks and the embedded AWS, or the parent of a domain that nobody owns, cannot tell."""
RECORDED_AT = "2026-01-31T12:00:00.000000Z"
ON_A_WHOLE_STAGE = [
    name
    for name, scenario in SCENARIOS.items()
    if scenario.both_regions and canary_has_reached_both not in scenario.steps
]
"""The others wait minutes for the canary and `recover`, whose schedules are not scaled: `make lifecycle` runs them."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == REGION_LOSS.name else LONG) for name in ON_A_WHOLE_STAGE]
)
def test_a_scenario_loses_nothing_and_returns_to_the_primary(
    name: str, drill: Callable[[Scenario], dict[str, Any]]
) -> None:
    report = drill(SCENARIOS[name])
    assert failed(report) == []
    assert report["acknowledged"] > 0
    assert report["lost"] == report["duplicated"] == report["ledger_missing"] == report["different_answers"] == 0
    # at these short intervals a busy machine may move clients once more: they came back, or never left
    visited: dict[int, list[str]] = {}
    for change in report["routing"]:
        visited.setdefault(change["client"], []).append(change["region"])
    left = [regions for regions in visited.values() if set(regions) != {"us-east-1"}]
    assert not left or any("us-east-1" in regions[1:] for regions in left)
    assert len(report["lag_samples"]) > 1


def until(holds: Callable[[], bool], what: str) -> None:
    said = f"after {PATIENCE_SECONDS} s still not so: {what}"
    assert wait_until(holds, seconds=PATIENCE_SECONDS, pause=0.1), said


def item(number: uuid.UUID, account: str, amount: str) -> dict[str, Any]:
    return {
        "pk": {"S": f"transaction#{number}"},
        "transaction_id": {"S": str(number)},
        "payload_hash": {"S": "ab" * 32},
        "origin": {"S": REGIONS.primary},
        "recorded_at": {"S": RECORDED_AT},
        "bucket": {"S": f"{REGIONS.primary}#{RECORDED_AT[:16]}#{number.int % 4}"},
        "debit_account": {"S": account},
        "credit_account": {"S": f"{account}-other"},
        "amount": {"N": amount},
        "currency": {"S": "EUR"},
        "description": {"S": ""},
        "metadata": {"S": "{}"},
    }


def test_a_malformed_item_blocks_nothing_is_shown_and_is_released_once_it_is_right(
    staging: tuple[str, CdkCli], capsys: pytest.CaptureFixture[str]
) -> None:
    url, _ = staging
    endpoint = Endpoint(url)
    deployment = find_deployment(endpoint, STAGE, REGIONS)
    journal = endpoint.dynamodb(REGIONS.primary)
    table = deployment.get(REGIONS.primary, "journal-table")
    number, account = uuid.uuid4(), f"quarantine-{uuid.uuid4().hex[:8]}"

    def tandem(*arguments: str) -> tuple[int, str]:
        status = main([*arguments, "--stage", STAGE, "--endpoint-url", url])
        said = capsys.readouterr()
        return status, said.out + said.err

    def entries(region: str) -> int:
        status, body = api.request(region, "GET", f"/accounts/{account}")
        return body.count(b'"transaction_id"') if status == 200 else 0

    def post(region: str, amount: str) -> None:
        body = {"debit_account": account, "credit_account": f"{account}-other", "amount": amount, "currency": "EUR"}
        headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
        status, _ = api.request(region, "POST", "/transactions", body=json.dumps(body).encode(), headers=headers)
        assert status == 201

    # what the partition's scenario took twice is set aside too, and stays so
    before = gather(endpoint, deployment).quarantined
    assert before is not None
    with ApiClient(endpoint, deployment.api_urls, timeout_seconds=20) as api:
        journal.put_item(TableName=table, Item=item(number, account, "0"))
        post(REGIONS.primary, "1.00")
        post(REGIONS.secondary, "2.00")
        until(lambda: [entries(region) for region in REGIONS.both] == [2, 2], "both ledgers hold the good transactions")
        until(lambda: str(number) in tandem("quarantine")[1], "the malformed item is listed")
        assert gather(endpoint, deployment).quarantined == before + 1

        status, said = tandem("quarantine", "release", str(number))
        assert status == 3
        assert "stays: " in said
        assert "amount" in said

        journal.put_item(TableName=table, Item=item(number, account, "300"))
        status, said = tandem("quarantine", "release", str(number))
        assert (status, said) == (0, f"transaction#{number}: released\n")
        until(lambda: [entries(region) for region in REGIONS.both] == [3, 3], "both ledgers hold the corrected one")
        assert gather(endpoint, deployment).quarantined == before
        assert tandem("quarantine", "release", str(number)) == (0, f"transaction#{number}: released already\n")
        assert entries(REGIONS.primary) == 3
    status, said = tandem("quarantine", "release", "nothing")
    assert status == 2
    assert said.startswith(
        "tandem: 'transaction#nothing' is not in quarantine: tandem quarantine list shows what is (see "
    )
    assert said.count("\n") == 1


def test_a_deployed_stage_passes_its_preflight_but_for_what_the_embedded_aws_has_not(
    staging: tuple[str, CdkCli],
) -> None:
    subject = subject_of(Endpoint(staging[0]), STAGE, REGIONS, SETTINGS)
    lines = {line.name: line for line in preflight(subject, ports=Ports(name_servers=lambda _: set()))}
    assert lines["domain delegated"].outcome is not Outcome.PASSED
    others = [line for name, line in lines.items() if name not in NOT_THERE]
    assert [line for line in others if line.outcome is not Outcome.PASSED] == []
    assert len(others) > len(NOT_THERE)
