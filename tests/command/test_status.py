"""What `tandem status` shows, whoever looks at it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from command import status
from command.arguments import Deployed, Invocation
from command.status_table import UNKNOWN, lines
from operations.clock import Clock
from operations.deployment import Regions
from operations.errors import OperationError
from operations.restore_tests import RestoreTest
from operations.rows_behind import RowsBehind
from operations.told import Canary, Told
from tests.operations.states import LOST, STATE, A, B, changed, unread

if TYPE_CHECKING:
    from operations.stage_state import StageState

LONG = "tandem-secondary-prod-ProjectorIteratorAgeIsTooHighForTooLong0123ABCD-1A2B3C4D5E6F"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return how to have a state shown, and what was printed."""

    def show(state: StageState, **options: Any) -> str:
        monkeypatch.setattr(status, "find_deployment", lambda *_: None)
        monkeypatch.setattr(status, "gather", lambda *_: state)
        written = io.StringIO()
        console = Console(file=written, width=60, **options)
        run = Invocation(place=Deployed(stage="prod"), regions=Regions(), topology="dual", console=console)
        as_json = options == {"no_color": True}
        status._show(run, None, as_json=as_json)  # type: ignore[arg-type] # noqa: SLF001 - what the command calls
        return written.getvalue()

    return show


def test_the_first_line_is_the_verdict_with_the_next_command(shown: Any) -> None:
    state = replace(changed(A, **LOST, heartbeat_age_seconds=35.0), traffic=B)
    first, title, *_ = shown(state).splitlines()
    assert first == "primary lost for 35 s, traffic moved, ledger not: tandem failover --stage prod"
    assert title == "stage prod, account 123456789012, AWS, seen from us-west-2, 08:00:00 UTC"


def test_no_name_is_cut_at_60_columns(shown: Any) -> None:
    assert f"in ALARM in us-west-2: {LONG}\n" in shown(changed(B, alarms=(LONG,)))


def test_there_is_a_column_for_each_region_and_what_is_unknown_says_so() -> None:
    rows = {cells[0]: cells[1:] for line in lines(STATE) if len(cells := re.split(r"\s{2,}", line)) > 1}
    assert rows["Region"] == [A, B]
    assert rows["ledger answers"] == ["yes", "unknown (replica)"]
    assert rows["last backup"] == ["30 min", "30 min"]
    assert rows["traffic"] == ["here", "no"]


def test_what_was_not_read_is_named_with_its_reason() -> None:
    assert "not read: alarms of us-east-1: AccessDenied" in lines(unread("alarms of us-east-1"))


def test_no_plan_is_claimed_to_be_none_while_a_region_that_would_tell_is_away() -> None:
    assert "recovery plan: none, tandem failover runs its steps" in lines(changed(plan=None))
    assert "recovery plan: unknown" in lines(replace(changed(B, **LOST), plan=None))


def test_the_title_names_the_endpoint() -> None:
    assert "http://127.0.0.1:4566" in lines(changed(endpoint="http://127.0.0.1:4566"))[0]


def test_the_switch_is_shown_with_time_and_reason() -> None:
    told = lines(changed(takeover=True, takeover_reason="fire", takeover_at=1_800_000_000.0))
    assert "takeover switch: set since 2027-01-15 08:00:00 UTC: traffic goes to the secondary Region (fire)" in told


def test_an_alarm_that_was_told_nothing_yet_is_named_and_not_counted() -> None:
    shown = lines(changed(B, alarms=("real",), starting=("young",)))
    assert f"in ALARM in {B}: real" in shown
    assert f"new in {B}, nothing told yet: young" in shown
    assert re.search(r"^in ALARM +0 +1$", "\n".join(shown), re.MULTILINE)


def test_rows_canary_journal_restore_test_and_settings_have_a_row_each() -> None:
    trip = Canary(acknowledged=Told(value=0.25, ago_seconds=40), journalled=Told(value=1.5, ago_seconds=41))
    tested = RestoreTest(ago_seconds=3 * 86_400, outcome="passed")
    told = {"canary": trip, "restore_test": tested, "settings": "0123abcd", "marks_told_seconds": 50.0}
    rows = RowsBehind(rows=2, seconds=120)
    text = "\n".join(lines(changed(A, **{**told, "rows_behind": rows, "ledger_answers": None})))
    for row in (
        f"ledger answers +its sweeper did 50 s ago +{UNKNOWN}",
        f"rows behind +2 of the last 2 min +{UNKNOWN}",
        "canary answered +0.25 s, 40 s ago +none",
        "journal behind +1.50 s, 41 s ago +none",
        "last restore test +passed, 3 days ago +none",
        f"settings +0123abcd +{UNKNOWN}",
    ):
        assert re.search(f"^{row}", text, re.MULTILINE), row


def test_what_recover_declined_is_shown_with_its_reason_and_its_age() -> None:
    said = "declined: the canary sees the primary alive"
    told = lines(changed(recover_said=said, recover_said_at=STATE.at - 180))
    assert f"recover: {said} (3 min ago)" in told
    assert "recover: has declined nothing" in lines(STATE)
    assert "recover: unknown" in lines(unread("recover"))


def test_colours_are_for_a_terminal_that_wants_them(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    colours = {"force_terminal": True, "color_system": "standard"}
    assert "\x1b[1;32mhealthy" in shown(STATE, **colours)
    assert "\x1b[" not in shown(STATE)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;32m" not in shown(STATE, **colours)


def test_json_has_the_verdict_and_everything_that_is_shown(shown: Any) -> None:
    told = json.loads(shown(STATE, no_color=True))
    assert told["verdict"] == "healthy"
    assert told["regions"][B]["copy_age_seconds"] == 1900.0


def test_watching_goes_on_when_nobody_answers_and_ends_with_the_last_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[StageState | Exception] = [STATE, OperationError("no Region answered"), changed(quarantined=1)]
    waited: list[float] = []

    def gather(*_: Any) -> StageState:
        state = states.pop(0)
        if isinstance(state, Exception):
            raise state
        return state

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if not states:
            raise KeyboardInterrupt

    monkeypatch.setattr(status, "find_deployment", lambda *_: None)
    monkeypatch.setattr(status, "gather", gather)
    written = io.StringIO()
    console = Console(file=written, width=60)
    run = Invocation(place=Deployed(stage="prod"), regions=Regions(), topology="dual", console=console)
    clock = Clock(now=lambda: 0.0, sleep=sleep)
    assert status.watch_stage(run, None, every=5.0, clock=clock) == 3  # type: ignore[arg-type]
    assert waited == [5.0, 5.0, 5.0]
    assert "unknown: no Region answered" in written.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_where_nobody_answers_the_first_line_is_a_verdict_too(
    monkeypatch: pytest.MonkeyPatch, *, as_json: bool
) -> None:
    def nobody(*_: Any) -> None:
        raise OperationError("no Region answered (us-east-1: no route): check network and credentials")

    monkeypatch.setattr(status, "find_deployment", nobody)
    written = io.StringIO()
    run = Invocation(place=Deployed(stage="prod"), regions=Regions(), topology="dual", console=Console(file=written))
    assert status._show(run, None, as_json=as_json) == 1  # type: ignore[arg-type] # noqa: SLF001 - it needs no endpoint
    told = json.loads(written.getvalue())["verdict"] if as_json else written.getvalue()
    assert told.startswith("unknown: no Region answered (us-east-1: no route): check network and")


def test_a_stage_without_a_domain_is_said_to_have_no_name() -> None:
    told = "API's name: none, the stage has no domain: clients use the URLs of its Regions"
    assert told in lines(changed(traffic=None))
    assert told not in lines(STATE)
    assert told not in lines(replace(STATE, traffic=None, unread={"traffic": "no such name"}))
