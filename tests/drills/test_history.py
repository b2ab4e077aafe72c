"""A history keeps what happened in its order, can be read after a drill was killed, and everything follows from it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from drills.history.derived import result_of
from drills.history.events import (
    ClientsMoved,
    ControlRan,
    DnsAnswered,
    DrillEnded,
    Event,
    Faulted,
    PlanExecuted,
    Promoted,
    Refused,
    Sent,
)
from drills.history.history import History, read_history
from drills.history.lines import KINDS
from drills.history.moments import moved_at, outage_began
from drills.history.played import (
    AskedInVain,
    FirstClientsMoved,
    HealthChanged,
    LoadAsked,
    LoadExpired,
    LookFailed,
    MoveAsked,
    NameLed,
    StageJudged,
    StepSaid,
)
from drills.history.seen import ApiAsked, ApiSilenceAsked, CanaryAsked, CanaryRead, ExperimentAsked, ExperimentSeen
from drills.report import build_report, page
from operations.errors import WrongInputError
from tests.drills.recorded import FIRST_MOVED, LOST, PHASES, A, B, history
from tests.drills.recorded_scenarios import SEEN, scenario_history

if TYPE_CHECKING:
    from pathlib import Path

PLAYED = [
    LoadAsked(at=2.0, rate=20.0),
    LoadExpired(at=2.1),
    MoveAsked(at=2.2, move="failover", region=B),
    StepSaid(at=2.3, text="sweep done"),
    AskedInVain(at=2.4, action="fail back", reason="no writer"),
    NameLed(at=2.5, region=None),
    FirstClientsMoved(at=2.6, region=B),
    HealthChanged(at=2.7, region=A, healthy=False),
    StageJudged(at=2.8, verdict="degraded"),
    LookFailed(at=2.9, reason="no answer"),
]
"""What only a played stage has."""

OTHERS = [
    PlanExecuted(at=1.0, execution={"region": B, "startTime": "2026-11-24T09:30:09+00:00", "stepStates": [{}]}),
    *SEEN,
    *PLAYED,
    ControlRan(at=3.5, since=3.0, used=0.125),
    Refused(at=4.0, key="7", answer='422 {"error": "ü"}'),
    ExperimentSeen(at=4.1, experiment="EXP1", name="paused", status="running", reason="it runs"),
    ExperimentAsked(at=4.2, interrupted=False),
    ApiAsked(at=4.3, region=None, status=0),
    ApiSilenceAsked(at=4.4, since=1.0, most_seconds=65.0),
    CanaryRead(at=4.5, acknowledged={A: 0.1, B: None}, journalled={}),
    CanaryAsked(at=4.6),
    DrillEnded(at=5.0, failure="the Regions did not converge"),
]
"""Of the kinds of events that the recorded history has none of."""

KILLED = """
import os, signal, sys
from pathlib import Path
from drills.history.events import Sent
from drills.history.history import History

history = History(Path(sys.argv[1]))
for number in range(1000):
    history.append(Sent(at=float(number), key=str(number)))
os.kill(os.getpid(), signal.SIGKILL)
"""


def write(path: Path, events: list[Event]) -> None:
    with History(path) as written:
        for event in events:
            written.append(event)


def test_every_kind_of_event_is_read_as_it_was_written(tmp_path: Path) -> None:
    events = [*history(), *OTHERS]
    write(tmp_path / "history.jsonl", events)
    assert {type(event) for event in events} == set(KINDS.values())
    assert list(read_history(tmp_path / "history.jsonl")) == events


def test_threads_add_events_at_once_and_none_is_lost_or_torn(tmp_path: Path) -> None:
    threads, each = 8, 500
    with History(tmp_path / "history.jsonl") as shared:

        def add(thread: int) -> None:
            for number in range(each):
                shared.append(Sent(at=float(number), key=f"{thread}-{number}"))

        running = [threading.Thread(target=add, args=(thread,)) for thread in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    assert len(shared.events) == threads * each
    assert read_history(tmp_path / "history.jsonl") == shared.events
    for number in range(threads):
        keys = [event.key for event in shared.of(Sent) if event.key.startswith(f"{number}-")]
        assert keys == [f"{number}-{turn}" for turn in range(each)]


def test_a_program_that_is_killed_leaves_every_event_until_then(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    killed = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [event.at for event in read_history(path)] == [float(number) for number in range(1000)]


def test_a_torn_last_line_is_left_out_at_whatever_byte_it_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    write(path, [*OTHERS])
    whole = path.read_bytes()
    begins = whole.rstrip(b"\n").rindex(b"\n") + 1
    for end in range(begins, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert list(read_history(path)) == OTHERS[:-1]
    path.write_bytes(whole.rstrip(b"\n"))
    assert list(read_history(path)) == OTHERS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"event": "sent", "at": 1.0, "ke\n{"event": "drill-ended", "at": 2.0}\n', "line 1 of .* is not JSON"),
        ('{"event": "eclipse", "at": 1.0}\n', "eclipse.* is not an event"),
        ("7\n", "is not an event"),
        ('{"event": "sent", "at": 1.0, "colour": "red"}\n', "sent has other fields here"),
        ("", "is empty"),
    ],
)
def test_what_is_no_history_is_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(text)
    with pytest.raises(WrongInputError, match=said):
        read_history(path)


def test_a_folder_without_a_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be read"):
        read_history(tmp_path / "history.jsonl")


def test_what_comes_after_the_end_is_not_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    write(path, [*OTHERS])
    with History(path) as ended:
        ended.append(OTHERS[0])
    ended.append(OTHERS[1])
    assert list(ended.events) == list(read_history(path)) == OTHERS[:1]


def test_the_outage_begins_with_the_first_fault_that_clients_notice() -> None:
    faults = [
        Faulted(at=1.0, what="database", region=A),
        Faulted(at=2.0, what="Region", region=A, outage=True),
        Faulted(at=3.0, what="Region", region=B, outage=True),
    ]
    assert outage_began(faults) == 2.0
    assert outage_began(faults[:1]) is None


def test_clients_have_moved_when_dns_sent_the_last_one_and_not_when_the_drill_looked() -> None:
    routing = [(1.0, 0, A), (1.0, 1, A), (5.0, 0, B), (8.0, 1, B), (30.0, 0, A)]
    seen = [ClientsMoved(at=17.0, region=B), ClientsMoved(at=40.0, region=A)]
    assert moved_at(seen, routing, to=B, clients=2, since=4.0) == 8.0
    assert moved_at(seen, routing, to=B, clients=3, since=4.0) == 17.0, "the third client is not known"
    assert moved_at(seen, routing, to=B, clients=2, since=9.0) == 17.0, "what was before the outage is no move"
    assert moved_at([ClientsMoved(at=7.0, region=B)], routing, to=B, clients=2, since=4.0) == 7.0
    assert moved_at(seen[1:], routing, to=B, clients=2, since=4.0) is None, "nobody saw it"


def test_a_promotion_of_the_primary_is_not_the_failover() -> None:
    events = [*history(), Promoted(at=90.0, region=A), Promoted(at=95.0, region=B)]
    assert result_of(events).promoted_at == 11.2
    alone = [event for event in events if not (isinstance(event, Promoted) and event.region == B)]
    assert result_of(alone).promoted_at is None


def test_a_client_is_routed_anew_only_where_an_answer_names_another_region() -> None:
    events = [event for event in history() if not isinstance(event, DnsAnswered)]
    for at, client, region in ((1.0, 0, A), (2.0, 1, A), (3.0, 0, A), (4.0, 0, B), (5.0, 1, A), (6.0, 0, A)):
        events.append(DnsAnswered(at=at, client=client, canonical="n", address="127.0.1.1", ttl=30.0, region=region))
    result = result_of(events)
    assert result.routing == [(1.0, 0, A), (2.0, 1, A), (4.0, 0, B), (6.0, 0, A)]
    assert len(result.answers) == 6


def test_figures_are_a_function_of_the_history() -> None:
    result = result_of(history())
    assert result.lost_at == LOST
    assert result.phases == PHASES
    assert result.rpo_seconds == pytest.approx(
        LOST - min(one.acknowledged_at or 0 for one in result.transactions[93:100])
    )
    assert result.unreplicated == 7
    assert result.error_kinds == {"ConnectionRefusedError": 1000}
    assert all(one.id is not None and one.latency > 0 for one in result.transactions)
    assert min(at for at, _, region in result.routing if region == B) == FIRST_MOVED


def test_wherever_a_drill_was_killed_its_history_has_a_report_which_never_says_passed() -> None:
    events = history()
    for end in [*range(3, len(events) - 2, 97), len(events) - 2]:
        report = build_report(result_of(events[:end]))
        assert report["verdict"] == "unknown", end
        assert "Unknown" in page(report)
    assert build_report(result_of(events[:-1]))["verdict"] == "passed"


def test_a_drill_that_was_killed_at_any_byte_of_its_last_lines_can_be_read_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    events = scenario_history("region-loss", strong=True)
    write(path, events)
    whole = path.read_bytes()
    begins = len(whole)
    for _ in range(4):
        begins = whole.rindex(b"\n", 0, begins)
    reports: dict[int, str] = {}
    for end in range(begins + 1, len(whole) + 1):
        path.write_bytes(whole[:end])
        read = read_history(path)
        assert list(read) == events[: len(read)]
        if len(read) not in reports:
            reports[len(read)] = build_report(result_of(read))["verdict"]
    assert reports == {
        **dict.fromkeys(range(len(events) - 3, len(events)), "unknown"),
        len(events): "passed",
    }


def test_a_drill_that_was_killed_at_any_line_can_be_reported_and_never_passed() -> None:
    events = scenario_history("partition")
    for end in range(1, len(events)):
        assert build_report(result_of(events[:end]))["verdict"] == "unknown"


def test_a_history_in_which_no_drill_began_has_no_report() -> None:
    with pytest.raises(WrongInputError, match="does not say that a drill began"):
        result_of(OTHERS)
