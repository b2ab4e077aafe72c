"""What operators and Regions do at the wrong moment: the stage ends whole, with one writer and nothing lost."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

from operations.deployment import find_deployment
from operations.endpoint import ApiClient
from operations.failover import fail_over
from operations.global_database import ledger_state
from operations.stopping import TRAFFIC_MOVED, wait_until_stopped
from tests.scenarios.calls import refused
from tests.scenarios.conftest import LONG, REGIONS
from tests.scenarios.operations import PRIMARY, SECONDARY, Operator, until

if TYPE_CHECKING:
    from tests.scenarios.conftest import DeployedStage

pytestmark = LONG

TRANSACTIONS = 20


def test_the_primary_goes_on_while_the_secondary_is_lost(deployed: DeployedStage) -> None:
    operator = Operator(deployed, PRIMARY)
    operator.control.lose(SECONDARY)
    try:
        operator.control.record_calls()
        answers = operator.post(TRANSACTIONS)
        calls = operator.control.calls()
        status = operator.tandem("status", "--json")
    finally:
        operator.control.restore(SECONDARY)
    assert [status for status, _ in answers] == [201] * TRANSACTIONS
    # the takeover switch's health check is Route 53's own, and inverted: no answer is no takeover
    assert [call for call in refused(calls, SECONDARY) if not call["operation"].startswith("GET /takeover")] == []
    assert status.status == 3, status.err
    assert json.loads(status.out)["seen_from"] == PRIMARY
    assert json.loads(status.out)["takeover"] is None
    ids = [json.loads(body)["id"] for _, body in answers]
    urls = find_deployment(operator.endpoint, deployed.name, REGIONS).api_urls
    with ApiClient(operator.endpoint, urls, timeout_seconds=20) as client:
        until(
            lambda: all(client.request(SECONDARY, "GET", f"/transactions/{one}")[0] == 200 for one in ids),
            "the secondary did not get what it missed",
        )


def test_two_failovers_at_once_both_succeed(deployed: DeployedStage) -> None:
    operator = Operator(deployed, SECONDARY)
    operator.control.lose(PRIMARY)
    try:
        both = [operator.start("failover", "--force", "--yes") for _ in range(2)]
        ended = [(*process.communicate(timeout=120), process.returncode) for process in both]
        assert [status for _, _, status in ended] == [0, 0], ended
        assert operator.writer() == SECONDARY
    finally:
        operator.control.restore(PRIMARY)
        operator.fail_back()


def test_a_failover_while_the_primary_comes_back_ends_with_one_writer(deployed: DeployedStage) -> None:
    operator = Operator(deployed, SECONDARY)
    operator.control.lose(PRIMARY)
    try:
        process = operator.start("failover", "--force", "--yes", "--stop-at", TRAFFIC_MOVED)
        stopped = wait_until_stopped(process)
        writer = operator.writer()
    finally:
        operator.control.restore(PRIMARY)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=120)
    assert (stopped, writer) == (True, PRIMARY), out + err
    assert process.returncode == 0, out + err
    both = find_deployment(operator.endpoint, deployed.name, REGIONS)
    for region in REGIONS.both:
        assert ledger_state(operator.endpoint, both, region).writer_region == SECONDARY
    fail_over(operator.endpoint, both, reason="test: running it again changes nothing", say=lambda _: None)
    operator.fail_back()
    assert operator.writer() == PRIMARY
