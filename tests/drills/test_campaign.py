"""A campaign is planned from its seed alone, and passes only when every drill did and nothing is missing at its end."""

from typing import Any

import pytest

from drills.campaign import plan, summarize
from drills.measure.lookup import Findings
from drills.scenarios.kills import KILLS


def row(**given: Any) -> dict[str, Any]:
    counted = dict.fromkeys(("lost", "duplicated", "ledger_missing", "ledger_duplicated", "unanswered", "refused"), 0)
    measured = dict.fromkeys(
        ("write_rto_seconds", "ledger_rto_seconds", "detection_seconds", "promotion_seconds", "rpo_seconds"), 1.0
    )
    return {"acknowledged": 10, "failure": None, "wrong_balances": [], **counted, **measured, **given}


def report(*rows: dict[str, Any], findings: Findings | None = None, planned: int = 2) -> dict[str, Any]:
    return summarize(list(rows), findings or Findings(acknowledged=20), stage="staging", seed=1, planned=planned)


def test_the_same_seed_plans_the_same_drills_and_another_one_others() -> None:
    assert plan(20, 7) == plan(20, 7)
    assert plan(20, 7) != plan(20, 8)


def test_a_longer_campaign_begins_with_the_shorter_one() -> None:
    assert plan(30, 7)[:20] == plan(20, 7)


def test_every_way_of_dying_and_the_whole_range_of_load_and_lag_come_up() -> None:
    drills = plan(200, 7)
    assert {one.kill for one in drills} == set(KILLS)
    assert all(20 <= one.options.rate <= 200 for one in drills)
    assert max(one.options.lag_milliseconds for one in drills) > 1800
    assert all(0 <= one.options.lag_milliseconds <= 2000 for one in drills)


def test_a_clean_campaign_passes_and_names_its_worst_figures() -> None:
    found = report(row(), row(write_rto_seconds=2.5))
    assert found["passed"]
    assert found["acknowledged"] == 20
    assert found["worst"]["write_rto_seconds"] == 2.5


@pytest.mark.parametrize(
    "bad", [{"lost": 1}, {"duplicated": 1}, {"ledger_missing": None}, {"failure": "stuck"}, {"refused": 1}]
)
def test_one_bad_drill_fails_it(bad: dict[str, Any]) -> None:
    assert not report(row(), row(**bad))["passed"]


def test_what_a_later_drill_lost_of_an_earlier_one_fails_it() -> None:
    assert not report(row(), row(), findings=Findings(acknowledged=20, ledger_missing={"a": ["3"]}))["passed"]


def test_a_campaign_that_stopped_early_fails() -> None:
    assert not report(row(), planned=2)["passed"]
