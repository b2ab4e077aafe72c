"""What the page of a played stage shows follows from what was read, and from nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from drills.clients.resolver import Answer
from drills.history.events import Acknowledged, Due, Failed, Refused
from drills.history.played import StageJudged, StepSaid
from drills.measure.lag import LagSample
from drills.play.lines import Ledger, Places, lines
from drills.play.seen import changes, state_of
from drills.play.timeline import KEPT, Timeline
from drills.play.traffic import SERIES_SECONDS, Traffic
from drills.play.words import words
from tests.drills.played import PRIMARY, REGIONS, SECONDARY, check, control, seen, status

if TYPE_CHECKING:
    from drills.play.seen import Seen


NAMED = "arn:of-a-secret"


def test_a_stage_that_is_well_is_shown_with_the_region_that_serves_and_writes() -> None:
    state = state_of(seen())
    primary, secondary = state["regions"]
    assert (state["worth"], state["dns"], state["writer"], state["clients"]) == ("healthy", PRIMARY, PRIMARY, 12)
    assert (primary["answered_by_dns"], primary["clients"], primary["writes"], primary["healthy"]) == (
        True,
        12,
        True,
        True,
    )
    assert (secondary["answered_by_dns"], secondary["clients"], secondary["writes"]) == (False, 0, False)
    assert [each["target"] for each in secondary["checks"]] == [check(SECONDARY)["target"]]
    assert primary["balances"] == [{"account": "a", "minor": 150}]
    assert state["balances_agree"] is True
    json.dumps(state)


def test_a_lost_region_is_shown_as_lost_at_once_whatever_was_read_of_it_before() -> None:
    state = state_of(seen(control=control(lost=[PRIMARY])))
    assert [(each["lost"], each["healthy"]) for each in state["regions"]] == [(True, False), (False, True)]


def test_what_was_not_read_is_unknown_and_not_well() -> None:
    state = state_of(seen(status=None, dns=None, balances={PRIMARY: None, SECONDARY: {}}))
    assert (state["worth"], state["writer"], state["dns"], state["balances_agree"]) == ("unknown", None, None, None)
    assert {each["healthy"] for each in state["regions"]} == {None}
    assert {each["answered_by_dns"] for each in state["regions"]} == {None}
    assert state["regions"][0]["balances"] is None
    assert {each["journal_behind_seconds"] for each in state["regions"]} == {None}


def test_lag_slowness_partition_and_alarms_are_those_of_their_region() -> None:
    state = state_of(
        seen(
            control=control(isolated=SECONDARY),
            faults=[{"region": PRIMARY, "delay_milliseconds": 800}, {"region": PRIMARY, "delay_milliseconds": 200}],
            lag=LagSample(at=1.0, journal={PRIMARY: 0.0, SECONDARY: 2.5}, ledger={PRIMARY: 0.1, SECONDARY: None}),
            status=status(
                secondary={"alarms": ("tandem-secondary-staging-MonitoringHeartbeatOldB4FB9105-64381C8586",)}
            ),
            balances={PRIMARY: {"a": 1}, SECONDARY: {"a": 2}},
        )
    )
    primary, secondary = state["regions"]
    assert (primary["slow_milliseconds"], secondary["slow_milliseconds"]) == (1000, 0)
    assert (primary["isolated"], secondary["isolated"]) == (False, True)
    assert (secondary["journal_behind_seconds"], secondary["ledger_behind_seconds"]) == (2.5, None)
    assert (primary["alarms"], secondary["alarms"]) == ([], ["MonitoringHeartbeatOld"])
    assert state["balances_agree"] is False


@pytest.mark.parametrize(
    ("after", "lines_said"),
    [
        (seen(), []),
        (seen(dns=SECONDARY), [f"DNS answers with {SECONDARY}"]),
        (seen(dns=None), ["DNS has no answer"]),
        (seen(sent_to={PRIMARY: 11, SECONDARY: 1}), [f"the first clients use {SECONDARY}"]),
        (seen(sent_to={PRIMARY: 0, SECONDARY: 11}), [f"the first clients use {SECONDARY}"]),
        (seen(sent_to={PRIMARY: 0, SECONDARY: 12}), [f"all 12 clients use {SECONDARY}"]),
        (
            seen(status=status(writer=SECONDARY, takeover=True)),
            [f"{SECONDARY} writes the ledger", "the takeover switch is set"],
        ),
        (
            seen(control=control(health_checks={PRIMARY: check(PRIMARY, healthy=False)})),
            [f"the health check of {PRIMARY} is unhealthy"],
        ),
    ],
)
def test_what_happens_by_itself_is_said_once(after: Seen, lines_said: list[str]) -> None:
    events = [event for event in changes(seen(), after, at=5.0) if not isinstance(event, StageJudged)]
    assert [words(event) for event in events] == [("system", line) for line in lines_said]
    assert {event.at for event in events} <= {5.0}
    assert changes(after, after, at=6.0) == []


def test_a_verdict_that_changes_is_said() -> None:
    silent = status(primary={"heartbeat_age_seconds": None, "healthy": False})
    assert changes(seen(), seen(status=silent), at=5.0) == [StageJudged(at=5.0, verdict="failed")]


def test_traffic_counts_by_region_and_second_and_forgets_what_is_older_than_a_minute() -> None:
    traffic = Traffic(REGIONS)
    for number in range(10):
        traffic.note(Due(at=100.0, key=str(number), body={}))
        traffic.note(Acknowledged(at=100.1 + number / 100, key=str(number), id=str(number), region=SECONDARY))
    traffic.note(Due(at=100.0, key="late", body={}))
    traffic.note(Failed(at=100.2, key="late", kind="TimeoutError"))
    traffic.note(Due(at=100.0, key="wrong", body={}))
    traffic.note(Refused(at=100.2, key="wrong", answer="400"))
    now = traffic.seen(101.0)
    assert (now.acknowledged, now.refused, now.waiting) == (10, 1, 1)
    assert now.regions[SECONDARY].per_second == 2.0
    assert now.regions[SECONDARY].p50_milliseconds == 140.0
    assert now.regions[SECONDARY].p99_milliseconds == 190.0
    assert (now.regions[PRIMARY].per_second, now.regions[PRIMARY].p50_milliseconds) == (0.0, None)
    assert now.regions[SECONDARY].series[-1] == 10
    assert len(now.regions[SECONDARY].series) == SERIES_SECONDS
    assert (now.errors_per_second, now.errors[-1]) == (0.2, 1)
    later = traffic.seen(100.0 + SERIES_SECONDS + 1)
    assert (sum(later.regions[SECONDARY].series), sum(later.errors), later.acknowledged) == (0, 0, 10)
    traffic.forget_waiting()
    assert traffic.seen(101.0).waiting == 0


def test_the_timeline_numbers_its_entries_keeps_the_last_ones_and_tells_each() -> None:
    told: list[str] = []
    timeline = Timeline(told.append, now=lambda: 1007.0, clock=lambda: 7.0)
    for number in range(KEPT + 5):
        timeline.add(StepSaid(at=timeline.now, text=str(number)))
    assert [each.number for each in timeline.entries] == list(range(6, KEPT + 6))
    assert {each.at for each in timeline.entries} == {1007.0}
    assert told == [str(number) for number in range(KEPT + 5)]


def test_the_lines_to_copy_go_where_dns_answers_and_name_what_is_deployed() -> None:
    places = Places(
        url="http://127.0.0.1:4566",
        stage="staging",
        api_name="api.staging.example.com",
        authority="/a folder/authority.pem",
        tables={PRIMARY: "journal-here", SECONDARY: "journal-there"},
        ledgers={PRIMARY: Ledger(address="127.0.1.1", port=5432, user="admin", secret_arn=NAMED)},
    )
    answer = Answer(canonical=f"d-abc.execute-api.{SECONDARY}.amazonaws.com", address="127.0.2.1", ttl=3.0, at=0.0)
    told = [line["text"] for line in lines(places, control(), answer)]
    [send, read, journal, ledger, _, watch] = told
    assert f"--aws-sigv4 aws:amz:{SECONDARY}:execute-api" in send
    assert "--cacert '/a folder/authority.pem' --connect-to ::127.0.2.1:7002" in send
    assert send.endswith("https://api.staging.example.com/transactions")
    assert read.endswith("https://api.staging.example.com/accounts/alice")
    assert f"--region {PRIMARY} dynamodb scan --table-name journal-here" in journal
    assert "--secret-id arn:of-a-secret" in ledger
    assert "host=127.0.1.1 port=5432" in ledger
    assert watch == "tandem status --stage staging --endpoint-url http://127.0.0.1:4566 --watch 2"
    assert len(lines(places, control(), None)) == len(told) - 2
