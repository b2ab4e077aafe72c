"""On what evidence a mark rises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.limits import EVIDENCE_PATIENCE_SECONDS, MARK_LATE_SECONDS
from tandem_runtime.sweeper.evidence import PATIENCE, SLACK, Observation, Observations, Seen, risen

HOME, AWAY = "us-east-1", "us-west-2"
MINUTE = timedelta(minutes=1)
MARGIN = timedelta(minutes=30)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def heard(*minutes: int) -> list[Observation]:
    """A fresh heartbeat at each of these minutes."""
    return [Observation(START + minute * MINUTE, START + minute * MINUTE) for minute in minutes]


def mark_after(observations: list[Observation], minute: int) -> datetime | None:
    return risen(observations, now=START + minute * MINUTE, margin=MARGIN)


def test_a_mark_rises_to_what_was_heard_a_margin_ago_and_no_further() -> None:
    marks = [mark_after(heard(*range(minute + 1)), minute) for minute in (0, 29, 30, 31)]
    assert marks == [None, None, START - SLACK, START + MINUTE - SLACK]


@pytest.mark.parametrize(("gap", "rises"), [(10, True), (11, False)])
def test_a_gap_in_the_evidence_begins_it_anew(gap: int, rises: bool) -> None:  # noqa: FBT001 - a parameter
    assert timedelta(minutes=10) == PATIENCE
    minutes = [*range(11), *range(10 + gap, 41)]
    assert (mark_after(heard(*minutes), 40) is not None) == rises
    anew = 10 + gap
    later = heard(*minutes, *range(41, anew + 31))
    assert mark_after(later, anew + 30) == START + anew * MINUTE - SLACK


def test_a_heartbeat_that_was_not_fresh_when_it_was_seen_is_a_gap() -> None:
    stale = Observation(START + 20 * MINUTE, START + 20 * MINUTE - PATIENCE - MINUTE)
    assert mark_after([*heard(*range(20)), stale, *heard(*range(21, 41))], 40) is None


def test_a_run_that_ended_long_ago_proves_nothing() -> None:
    assert mark_after(heard(*range(31)), 42) is None


class Table:
    """The operational table's items, by partition and sort key."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}

    def put_item(self, **given: Any) -> None:
        item = given["Item"]
        self.items[item["pk"]["S"], item["sk"]["S"]] = item

    def query(self, **given: Any) -> dict[str, Any]:
        assert given["Limit"] == 1
        partition = given["ExpressionAttributeValues"][":pk"]["S"]
        return {"Items": [item for (pk, _), item in sorted(self.items.items()) if pk == partition][:1]}

    def get_paginator(self, _: str) -> Table:
        return self

    def paginate(self, **given: Any) -> list[dict[str, Any]]:
        values = given["ExpressionAttributeValues"]
        wanted = (values[":pk"]["S"], values[":since"]["S"])
        return [
            {"Items": [item for (pk, sk), item in sorted(self.items.items()) if pk == wanted[0] and sk >= wanted[1]]}
        ]


def look(table: Table, observer: str, seconds: float, heartbeat: float | None = None) -> Seen:
    now = START + timedelta(seconds=seconds)
    at = now if heartbeat is None else START + timedelta(seconds=heartbeat)
    return Observations(table, "operational", observer=observer, margin=MARGIN).look(HOME, at, now)


def test_what_another_region_heard_raises_no_mark_here() -> None:
    table = Table()
    for minute in range(31):
        at_home = look(table, HOME, 60 * minute)
    assert at_home.risen == START - SLACK
    assert look(table, AWAY, 60 * 31).risen is None


def test_what_is_seen_says_since_when_its_origin_was_heard_of_here() -> None:
    table = Table()
    seen = [look(table, HOME, seconds).since for seconds in (0, 60, 3600)]
    assert seen == [START] * 3
    assert look(table, AWAY, 3660).since == START + timedelta(seconds=3660)


def test_evidence_is_one_item_a_minute_and_outlives_the_alarm_on_an_origin_without_a_mark() -> None:
    table = Table()
    for seconds in range(0, 120, 10):
        look(table, HOME, seconds)
    assert len(table.items) == 2
    for item in table.items.values():
        kept = int(item["expires_at"]["N"]) - datetime.fromisoformat(item["observed_at"]["S"]).timestamp()
        assert kept > 2 * MARGIN.total_seconds() + MARK_LATE_SECONDS + 5 * 60, "five periods have to breach"


def test_an_origin_that_was_never_heard_of_leaves_no_evidence() -> None:
    table = Table()
    seen = Observations(table, "operational", observer=HOME, margin=MARGIN).look(AWAY, None, START)
    assert (seen, table.items) == (Seen(heartbeat=None, risen=None), {})


def test_twice_the_patience_stays_below_the_margins_of_the_stages_that_are_deployed() -> None:
    assert 2 * EVIDENCE_PATIENCE_SECONDS < 3600
