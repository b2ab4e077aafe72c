"""The comparison of both ledgers on a deployed stage: equal, then different while a replica stands still, and away."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from drills.embedded.control import Control
from tests.scenarios.conftest import LONG
from tests.scenarios.operations import PRIMARY, SECONDARY, Operator, until

if TYPE_CHECKING:
    from tests.scenarios.conftest import DeployedStage

_USUAL_LAG = 80
_STANDS_STILL = 600_000


@LONG
def test_what_only_one_ledger_holds_is_named_until_the_other_has_it(deployed: DeployedStage) -> None:
    operator, control = Operator(deployed, PRIMARY), Control(deployed.url)
    since = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()

    answers: list[str] = []

    def compare() -> tuple[int, str, str]:
        until_now = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
        answer = operator.tandem("compare", "--since", since, "--until", until_now)
        answers.append(f"{answer.status}: {answer.out}{answer.err}")
        return answer.status, answer.out, answer.err

    def becomes(status: int, otherwise: str) -> None:
        try:
            until(lambda: compare()[0] == status, otherwise)
        except AssertionError as error:
            raise AssertionError(f"{error}; last said {answers[-1]}") from error

    operator.post(5)
    becomes(0, "the ledgers did not become equal")
    control.lag(_STANDS_STILL)
    try:
        [(status, body)] = operator.post(1)
        assert status == 201
        becomes(3, "the writer did not get the transaction")
        status, out, err = compare()
    finally:
        control.lag(_USUAL_LAG)
    assert status == 3, err
    missing = [line for line in out.splitlines() if json.loads(body)["id"] in line]
    assert [line.split(": ")[1] for line in missing] == [f"not in {SECONDARY}"] * 2, out
    becomes(0, "the replica did not catch up")


def test_a_ledger_that_is_away_is_no_difference_and_no_agreement(deployed: DeployedStage) -> None:
    operator, control = Operator(deployed, SECONDARY), Control(deployed.url)
    control.lose(PRIMARY)
    try:
        answer = operator.tandem("compare")
    finally:
        control.restore(PRIMARY)
    assert answer.status == 1
    assert len(answer.err.splitlines()) == 1
    assert f"the ledger of {PRIMARY} is away" in answer.err
