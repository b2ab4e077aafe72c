"""The report says pass only for what was measured and held."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drills.clients.load import Transaction
from drills.measure.lookup import Findings
from drills.measure.percentiles import percentile
from drills.options import DrillOptions
from drills.report import build_report, write_report
from drills.result import DrillResult
from drills.verdict.checks import Check, Verdict, overall
from tests.drills.recorded import answered_again

FIELDS = {
    *("stage", "acknowledged", "lost", "duplicated", "ledger_missing", "ledger_duplicated", "write_rto_seconds"),
    *("ledger_rto_seconds", "rpo_seconds", "injected_lag_ms", "phases", "emulated", "versions"),
}


def result() -> DrillResult:
    body = {"debit_account": "x", "credit_account": "y", "amount": "1.00"}
    transactions = [
        Transaction(
            key=str(n), body=body, due=float(n), acknowledged_at=n + 0.25, region="a" if n < 5 else "b", id=str(n)
        )
        for n in range(10)
    ]
    return DrillResult(
        options=DrillOptions(),
        stage="staging",
        run="r",
        secondary="b",
        phases=[("load on the primary", 0.0, 5.0), ("lose a", 5.0, 5.1), ("restore a", 9.0, 9.5)],
        transactions=transactions,
        repeats=[answered_again(4.0, "3", "a")],
        clients=1,
        routing=[(0.0, 0, "a"), (6.0, 0, "b")],
        lost_at=5.0,
        moved_at=6.0,
        promoted_at=6.5,
        ledger_complete_at=7.0,
        rpo_seconds=0.0,
        findings=Findings(acknowledged=10),
    )


def report(outcome: DrillResult, *, strong: bool = False, failure: str | None = None) -> dict[str, Any]:
    return build_report(replace(outcome, strong=strong, failure=failure))


def test_a_clean_drill_passes_and_holds_every_promised_field() -> None:
    found = report(result())
    assert found["passed"]
    assert set(found) >= FIELDS
    assert (found["write_rto_seconds"], found["ledger_rto_seconds"], found["acknowledged"]) == (0.25, 2.0, 10)
    assert not found["detection"]["modelled"]
    assert found["objectives"]["write_rto_seconds"] == 65


@pytest.mark.parametrize("kind", ["journal_missing", "ledger_missing", "wrong_balances"])
def test_one_transaction_missing_in_one_region_fails(kind: str) -> None:
    findings = Findings(acknowledged=10)
    setattr(findings, kind, {"a": [], "b": ["3"]})
    assert report(replace(result(), findings=findings))["verdict"] == "failed"


def test_one_key_with_two_ids_fails() -> None:
    again = answered_again(9.0, "3", "b", id="another")
    found = report(replace(result(), repeats=[again]))
    assert (found["verdict"], found["duplicated"]) == ("failed", 1)


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("changed", [{"amount": "2.00"}, {"status": 409}, {"again": "busy"}], ids=str)
def test_another_answer_to_what_is_sent_again_fails(changed: dict[str, Any], *, strong: bool) -> None:
    again = answered_again(9.0, "3", "b", **{name: value for name, value in changed.items() if name == "amount"})
    told = {name: value for name, value in changed.items() if name != "amount"}
    found = report(replace(result(), repeats=[replace(again, **told)]), strong=strong)
    assert (found["verdict"], found["different_answers"], found["duplicated"]) == ("failed", 1, 0)


def test_an_eventual_journal_may_record_it_at_another_time_and_a_strong_one_may_not() -> None:
    outcome = replace(result(), repeats=[answered_again(9.0, "3", "b", recorded_at="2026-11-24T09:31:00Z")])
    assert report(outcome)["verdict"] == "passed"
    assert report(outcome, strong=True)["verdict"] == "failed"


def test_where_nothing_was_sent_again_nobody_knows_whether_anything_was_taken_twice() -> None:
    found = report(replace(result(), repeats=[]))
    assert found["verdict"] == "unknown"
    assert {check["name"] for check in found["checks"] if check["verdict"] == "unknown"} == {
        "duplicated",
        "different_answers",
    }


@pytest.mark.parametrize(
    "unmeasured", [{"findings": None}, {"moved_at": None}, {"unanswered": None}, {"ended": False}], ids=str
)
def test_what_was_never_measured_is_unknown_and_so_is_the_drill(unmeasured: dict[str, Any]) -> None:
    found = report(replace(result(), **unmeasured))
    assert (found["verdict"], found["passed"]) == ("unknown", False)
    assert "unknown" in {check["verdict"] for check in found["checks"]}


def test_what_failed_outranks_what_is_unknown_and_that_outranks_what_passed() -> None:
    assert report(replace(result(), findings=None), failure="the Regions did not converge")["verdict"] == "failed"
    assert overall([Verdict.PASSED, Verdict.UNKNOWN, Verdict.FAILED]) is Verdict.FAILED
    assert overall([Verdict.PASSED, Verdict.UNKNOWN]) is Verdict.UNKNOWN
    assert overall([Verdict.PASSED]) is Verdict.PASSED
    assert overall([]) is Verdict.UNKNOWN


def test_loss_until_the_region_returns_is_allowed_only_where_the_journal_is_eventual() -> None:
    outcome = replace(result(), rpo_seconds=0.08)
    assert report(outcome)["passed"]
    assert not report(outcome, strong=True)["passed"]


def test_a_figure_that_the_scenario_cannot_have_says_so_and_is_none() -> None:
    reasons = dict.fromkeys(("write_rto_seconds", "clients_moved_seconds"), "no Region was lost")
    found = report(replace(result(), lost_at=None, not_applicable=reasons))
    assert found["passed"]
    assert found["write_rto_seconds"] is None
    assert "not applicable: no Region was lost" in {check["detail"] for check in found["checks"]}


def test_a_check_of_the_scenario_itself_can_fail_the_drill() -> None:
    observation = Check(name="one wins", verdict=Verdict.FAILED, detail="none did")
    assert report(replace(result(), observations=[observation]))["verdict"] == "failed"


def test_both_files_are_written_and_the_page_escapes_what_it_shows(tmp_path: Path) -> None:
    found = report(result(), failure="<script>")
    write_report(found, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text()) == found
    page = (tmp_path / "report.html").read_text()
    assert "<script>" not in page
    assert "<svg" in page


def test_percentile_is_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.99, 1)] == [50, 99, 100]
    assert percentile([], 0.5) is None
