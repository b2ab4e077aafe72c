"""A campaign is planned from its seed alone, and passes only when every drill did and nothing is missing at its end."""

import contextlib
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from drills import campaign
from drills.campaign import COUNTED, plan, summarize
from drills.history.derived import result_of
from drills.history.history import History, read_history
from drills.measure.lookup import Findings
from drills.progress import Progress
from drills.report import build_report
from drills.result import DrillResult
from drills.scenarios.kills import KILLS
from operations.deployment import Regions
from tests.drills.recorded import history


def row(**given: Any) -> dict[str, Any]:
    counted = dict.fromkeys(("lost", "duplicated", "different_answers", "ledger_missing", "unanswered", "refused"), 0)
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
    "bad",
    [
        *({name: bad} for name in (*COUNTED, "refused") for bad in (1, None)),
        *({"wrong_balances": bad} for bad in (["us-east-1 a-1: 5 instead of 7"], None)),
        {"failure": "stuck"},
    ],
    ids=str,
)
def test_one_bad_drill_fails_it(bad: dict[str, Any]) -> None:
    assert not report(row(), row(**bad))["passed"]


def test_what_a_later_drill_lost_of_an_earlier_one_fails_it() -> None:
    assert not report(row(), row(), findings=Findings(acknowledged=20, ledger_missing={"a": ["3"]}))["passed"]


def test_a_campaign_that_stopped_early_fails() -> None:
    assert not report(row(), planned=2)["passed"]


class Recorded:
    """A drill that notes what another one once did."""

    def __init__(self, *_: object, history: History, **__: object) -> None:
        self.history = history
        self.context = SimpleNamespace(acknowledged=list)

    def run(self) -> None:
        for event in history():
            self.history.append(event)

    @property
    def result(self) -> DrillResult:
        return result_of(self.history.events)


def test_each_drills_history_is_kept_and_leads_to_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "Drill", Recorded)
    ready: Any = SimpleNamespace(
        endpoint=None, deployment=None, control=None, strong=True, cli=SimpleNamespace(assembly=tmp_path)
    )
    for planned in plan(2, 7):
        progress = Progress(Console(file=io.StringIO()))
        told, _ = campaign.run_planned(planned, ready, tmp_path / campaign.HISTORIES, progress=progress, drills=2)
        again = build_report(result_of(read_history(tmp_path / told["history"])))
        assert told["acknowledged"] == again["acknowledged"] > 0
        assert told["reads_answered_late"] == again["strictness"]["reads_answered_late"] > 0
    assert len(list(tmp_path.glob("histories/*/history.jsonl"))) == 2


def test_a_campaign_that_is_interrupted_leaves_the_report_of_its_drills_and_their_histories_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Recorded):
        drills = 0

        def run(self) -> None:
            type(self).drills += 1
            if self.drills > 2:
                raise KeyboardInterrupt
            super().run()

    ready = SimpleNamespace(
        endpoint=None, deployment=None, control=None, strong=True, cli=SimpleNamespace(assembly=tmp_path)
    )
    monkeypatch.setattr(campaign, "Drill", Interrupted)
    monkeypatch.setattr(campaign, "prepared_stage", lambda *_, **__: contextlib.nullcontext(ready))
    monkeypatch.setattr(campaign, "set_sweep_margin", lambda *_: None)
    earlier, foreign = tmp_path / "histories" / "077-at-once", tmp_path / "histories" / "mine"
    for folder in (earlier, foreign):
        folder.mkdir(parents=True)
        (folder / "history.jsonl").touch()
    with pytest.raises(KeyboardInterrupt):
        campaign.run_campaign(
            "prod", Regions(), drills=9, seed=7, folder=tmp_path, url=None, console=Console(file=io.StringIO())
        )
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (told["drills"], told["planned"], told["passed"]) == (2, 9, False)
    assert not earlier.exists()
    assert foreign.exists()


def test_the_report_says_how_often_anything_was_late_or_refused_in_all_drills() -> None:
    strict = {"read_lag_milliseconds": 1000, "shards": 4, "reads_answered_late": 7, "conflicting_writes_refused": 1}
    told = report(row(**strict), row(**{**strict, "reads_answered_late": 2}))["strictness"]
    assert told == {**strict, "reads_answered_late": 9, "conflicting_writes_refused": 2}
