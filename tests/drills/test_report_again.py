"""A report that is drawn again from its history alone is the same report."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from command.cli import main
from drills.history.derived import result_of
from drills.history.history import History
from drills.report import REPORTS, build_report, write_report
from tests.drills.recorded import history
from tests.drills.recorded_scenarios import SCENARIOS_AND_KILLS, scenario_history

if TYPE_CHECKING:
    from pathlib import Path

    from drills.history.events import Event


def write(path: Path, events: list[Event]) -> None:
    with History(path) as written:
        for event in events:
            written.append(event)


def test_a_report_is_the_same_when_it_is_drawn_again_from_its_history_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drill, elsewhere = tmp_path / "drill", tmp_path / "elsewhere"
    events = history()
    write(drill / "history.jsonl", events)
    write_report(build_report(result_of(events)), drill)
    elsewhere.mkdir()
    shutil.copy(drill / "history.jsonl", elsewhere)
    monkeypatch.chdir(elsewhere)
    for name in ("settings", "machine", "versions", "differences"):
        monkeypatch.setattr(f"drills.report.surroundings.{name}", None)  # calling it would fail
    assert main(["report", str(elsewhere)]) == 0
    for name in REPORTS:
        assert (elsewhere / name).read_bytes() == (drill / name).read_bytes()
    assert "drill region-loss of stage staging: passed" in capsys.readouterr().out


@pytest.mark.parametrize("strong", [False, True], ids=["eventual", "strong"])
@pytest.mark.parametrize("name", SCENARIOS_AND_KILLS)
def test_the_report_of_every_scenario_follows_from_its_history_alone(
    name: str, tmp_path: Path, *, strong: bool
) -> None:
    drill, elsewhere = tmp_path / "drill", tmp_path / "elsewhere"
    events = scenario_history(name, strong=strong)
    write(elsewhere / "history.jsonl", events)
    write_report(build_report(result_of(events)), drill)
    assert main(["report", str(elsewhere)]) == 0
    for file in REPORTS:
        assert (elsewhere / file).read_bytes() == (drill / file).read_bytes()


def test_a_history_that_was_torn_is_drawn_as_unknown_with_exit_status_one(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    write(path, history())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4])
    assert main(["report", str(tmp_path)]) == 1
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["verdict"] == "unknown"


def test_a_folder_without_a_history_is_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("tandem: ")
    assert list(tmp_path.iterdir()) == []
