from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem_runtime.health.logic import own_endpoint
from tandem_runtime.recover.evidence import LOOK_GAP_SECONDS, Evidence
from tandem_runtime.recover.logic import (
    LEASE_SECONDS,
    REASON,
    STUCK_SECONDS,
    WINDOW_SECONDS,
    Decision,
    Switch,
    UnderWayError,
    recover,
)
from tandem_runtime.recover.signals import (
    CANARY,
    HEARTBEAT,
    JOURNAL,
    Observation,
    Signal,
    canary_signal,
    doubtful,
    heartbeat_signal,
    journal_signal,
)
from tandem_runtime.shared.signs import ALIVE, LOST, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

LOST_SIGNALS = {name: Signal(LOST, f"{name} lost") for name in (HEARTBEAT, JOURNAL, CANARY)}


class Store:
    """Keeps the evidence as the conditions of DynamoDB's updates would."""

    def __init__(self) -> None:
        self.evidence = Evidence()
        self.meanwhile: Evidence | None = None

    def read(self) -> Evidence:
        return self.evidence

    def note_lost(self, before: Evidence, after: Evidence) -> bool:
        if self.evidence.seen_at != before.seen_at:
            return False
        self.evidence = replace(self.evidence, seen_at=after.seen_at, lost_since=after.lost_since)
        return True

    def clear(self, now: float) -> None:
        self.evidence = replace(self.evidence, seen_at=max(now, self.evidence.seen_at or now), lost_since=None)

    def lease(self, evidence: Evidence, *, now: float, until: float) -> bool:
        held = self.meanwhile or self.evidence
        same = (held.seen_at, held.lost_since) == (evidence.seen_at, evidence.lost_since)
        if not same or (held.leased_until is not None and held.leased_until > now):
            return False
        self.evidence = replace(held, leased_until=until)
        return True

    def note_started(self, at: float) -> None:
        self.evidence = replace(self.evidence, started_at=at, swept_at=None)

    def note_swept(self, at: float) -> None:
        self.evidence = replace(self.evidence, swept_at=at)


class Recovery:
    """Says whether the primary writes, and remembers what was done."""

    def __init__(
        self, *, primary_writes: bool = True, refusal: str = "", switch: Switch | None = None, under_way: str = ""
    ) -> None:
        self.acts: list[str] = []
        self.primary_writes, self.switch, self.under_way = primary_writes, switch, under_way
        self.failing = False
        self._refusal = refusal

    def primary_is_writer(self) -> bool:
        return self.primary_writes

    def switch_as_set(self) -> Switch | None:
        return self.switch

    def take_over(self) -> str:
        self.acts.append("take over")
        return self._refusal

    def start(self) -> str:
        if self.failing:
            raise OSError("the network is down")
        if self.under_way:
            raise UnderWayError(self.under_way)
        self.acts.append("start")
        return "plan execution 1"

    def fail_over(self) -> str:
        self.acts.append("fail over")
        return "database failover"

    def sweep(self) -> None:
        self.acts.append("sweep")


def looks(store: Store, recovery: Recovery, *times: float) -> Decision:
    """Look at these times with every signal lost; returns the last decision."""
    return [recover(LOST_SIGNALS, store, recovery, now=now) for now in times][-1]


def test_a_minute_without_contradiction_starts_the_recovery_with_traffic_first() -> None:
    store, recovery = Store(), Recovery()
    assert looks(store, recovery, 1000.0).started == ""
    assert recovery.acts == []
    decision = looks(store, recovery, 1060.0)
    assert (decision.started, decision.takeover, decision.declined) == ("plan execution 1", "set", False)
    assert recovery.acts == ["take over", "start"]


def test_one_look_never_acts_however_long_it_is_ago() -> None:
    store, recovery = Store(), Recovery()
    for now in (1000.0, 1000.0 + LOOK_GAP_SECONDS + 1, 1000.0 + 2 * (LOOK_GAP_SECONDS + 1)):
        decision = looks(store, recovery, now)
        assert decision.declined
        assert "every signal has said lost for 0 s" in decision.because
    assert recovery.acts == []


def test_an_invocation_that_comes_twice_or_late_adds_nothing() -> None:
    store, recovery = Store(), Recovery()
    looks(store, recovery, 1000.0, 1030.0)
    for late in (1030.0, 1000.0):
        assert looks(store, recovery, late).because == "a later look is noted already"
    assert store.evidence == Evidence(seen_at=1030.0, lost_since=1000.0)


@pytest.mark.parametrize("name", [HEARTBEAT, JOURNAL, CANARY])
@pytest.mark.parametrize("state", [ALIVE, UNKNOWN])
def test_one_signal_that_says_anything_else_clears_the_evidence(name: str, state: str) -> None:
    store, recovery = Store(), Recovery()
    looks(store, recovery, 1000.0)
    decision = recover({**LOST_SIGNALS, name: Signal(state, f"{name} {state}")}, store, recovery, now=1060.0)
    assert decision == Decision(because=f"{name} {state}", declined=True)
    assert store.evidence.lost_since is None
    assert looks(store, recovery, 1100.0, 1159.0).started == ""
    assert looks(store, recovery, 1160.0).started


def test_late_looks_do_not_begin_evidence_before_a_contradiction() -> None:
    store, recovery = Store(), Recovery()
    unknown = {**LOST_SIGNALS, CANARY: Signal(UNKNOWN, "canary")}
    for now in (1100.0, 1060.0):  # the second one comes late
        recover(unknown, store, recovery, now=now)
    assert looks(store, recovery, 1070.0, 1130.0).started == ""
    assert recovery.acts == []


def test_where_nothing_says_lost_nothing_is_declined() -> None:
    signals = {name: Signal(ALIVE, "") for name in LOST_SIGNALS}
    assert recover(signals, Store(), Recovery(), now=1.0).declined is False


def test_evidence_that_changes_before_the_act_stops_it() -> None:
    store, recovery = Store(), Recovery()
    looks(store, recovery, 1000.0)
    store.meanwhile = Evidence(seen_at=1061.0)
    decision = looks(store, recovery, 1060.0)
    assert "evidence has changed" in decision.because
    assert recovery.acts == []


def test_a_primary_that_does_not_write_is_left_alone() -> None:
    recovery = Recovery(primary_writes=False)
    assert looks(Store(), recovery, 1000.0, 1060.0).because == "the primary is not the writer"
    assert recovery.acts == []


def test_a_switch_that_cannot_be_set_does_not_keep_the_ledger_where_it_is() -> None:
    recovery = Recovery(refusal="throttled")
    assert looks(Store(), recovery, 1000.0, 1060.0).takeover == "throttled"
    assert recovery.acts == ["take over", "start"]


def test_a_takeover_that_somebody_else_began_is_left_alone_until_it_is_stuck() -> None:
    store, recovery = Store(), Recovery(switch=Switch(reason="tandem failover", at=1010.0))
    decision = looks(store, recovery, 1000.0, 1060.0)
    assert decision.because == "the takeover switch is set already: tandem failover"
    assert recovery.acts == []
    looks(store, recovery, *(1060.0 + 60 * number for number in range(1, 5)))
    assert recovery.acts == []
    assert looks(store, recovery, 1360.0).started


def test_who_set_the_switch_without_saying_when_is_left_alone() -> None:
    recovery = Recovery(switch=Switch(reason="drill", at=None))
    assert "drill" in looks(Store(), recovery, 1000.0, 1060.0).because


def test_a_step_that_failed_is_tried_again_once_the_lease_is_over() -> None:
    store, recovery = Store(), Recovery()
    recovery.failing = True
    with pytest.raises(OSError, match="down"):
        looks(store, recovery, 1000.0, 1060.0)
    recovery.failing, recovery.switch = False, Switch(reason=REASON, at=1060.0)
    assert "another invocation acts" in looks(store, recovery, 1060.0 + LEASE_SECONDS - 1).because
    assert looks(store, recovery, 1060.0 + LEASE_SECONDS).started


def test_what_is_under_way_is_not_started_again_and_five_minutes_later_is_no_obstacle() -> None:
    store, recovery = Store(), Recovery(under_way="execution 1 is inProgress")
    looks(store, recovery, 1000.0)
    for number in range(1, 6):
        decision = looks(store, recovery, 1000.0 + 60 * number)
        assert decision.because == "it is under way: execution 1 is inProgress"
    assert 1060.0 + STUCK_SECONDS == 1360.0
    assert "fail over" not in recovery.acts
    assert looks(store, recovery, 1360.0).started == "database failover"


def test_the_sweep_follows_once_when_the_writer_has_moved_even_if_the_primary_is_back() -> None:
    store, recovery = Store(), Recovery()
    looks(store, recovery, 1000.0, 1060.0, 1120.0)
    assert "sweep" not in recovery.acts
    recovery.primary_writes = False
    alive = {**LOST_SIGNALS, CANARY: Signal(ALIVE, "back")}
    assert recover(alive, store, recovery, now=1180.0).swept
    assert not recover(alive, store, recovery, now=1240.0).swept
    assert recovery.acts.count("sweep") == 1


def test_a_recovery_of_another_loss_is_swept_again() -> None:
    store, recovery = Store(), Recovery()
    for began in (1000.0, 100_000.0):
        recovery.primary_writes = True
        looks(store, recovery, began, began + 60)
        recovery.primary_writes = False
        looks(store, recovery, began + 120)
    assert recovery.acts.count("sweep") == 2
    assert recovery.acts.count("start") == 2


_STATES = st.sampled_from([ALIVE, LOST, LOST, LOST, LOST, UNKNOWN])
_LOOKS = st.lists(
    st.tuples(st.floats(-40, 120), st.fixed_dictionaries(dict.fromkeys(LOST_SIGNALS, _STATES))), max_size=40
)


@given(sequence=_LOOKS)
def test_no_sequence_with_anything_but_lost_inside_the_window_ever_acts(
    sequence: list[tuple[float, Mapping[str, str]]],
) -> None:
    store, recovery, now = Store(), Recovery(), 10_000.0
    seen: list[tuple[float, bool]] = []
    for step, states in sequence:
        now += step  # a look may come late: its time is then before that of others
        signals = {name: Signal(state, state) for name, state in states.items()}
        before = len(recovery.acts)
        recover(signals, store, recovery, now=now)
        seen.append((now, set(states.values()) == {LOST}))
        if len(recovery.acts) == before:
            continue
        window = sorted(at for at, lost in seen if now - WINDOW_SECONDS <= at <= now and lost)
        assert all(lost for at, lost in seen if now - WINDOW_SECONDS <= at <= now)
        earlier = [at for at, _ in seen if at <= now - WINDOW_SECONDS]
        assert earlier, "a window that nobody looked at in the beginning"
        times = [max(earlier), *window]
        assert all(later - sooner <= LOOK_GAP_SECONDS for sooner, later in pairwise(times))


@given(gaps=st.lists(st.floats(1, LOOK_GAP_SECONDS), min_size=70, max_size=80))
def test_a_primary_that_is_lost_for_good_is_always_acted_on(gaps: list[float]) -> None:
    store, recovery, now = Store(), Recovery(), 10_000.0
    for gap in gaps:
        now += gap
        recover(LOST_SIGNALS, store, recovery, now=now)
    assert now - 10_000.0 < WINDOW_SECONDS + gaps[0] or "start" in recovery.acts


def test_a_heartbeat_is_alive_below_its_limit_lost_from_it_on_and_unknown_when_it_was_never_seen() -> None:
    assert heartbeat_signal(100.0, 159.0, limit=60).state == ALIVE
    assert heartbeat_signal(100.0, 160.0, limit=60).state == LOST
    assert heartbeat_signal(100.0, 90.0, limit=60).state == ALIVE
    assert heartbeat_signal(None, 160.0, limit=60).state == UNKNOWN


def test_a_young_transaction_of_the_primary_shows_that_it_lives() -> None:
    assert journal_signal(holds_young=True).state == ALIVE
    assert journal_signal(holds_young=False).state == LOST


PRIMARY = Observation(state=LOST, seen_at=1000.0, reached_at=900.0, lost_since=960.0)
OWN = Observation(state=ALIVE, seen_at=1000.0, reached_at=1000.0)


@pytest.mark.parametrize(
    ("of_primary", "of_own", "state"),
    [
        (PRIMARY, OWN, LOST),
        (None, OWN, UNKNOWN),
        (replace(PRIMARY, seen_at=900.0), OWN, UNKNOWN),
        (replace(PRIMARY, state=ALIVE), OWN, ALIVE),
        (replace(PRIMARY, state=UNKNOWN), OWN, UNKNOWN),
        (PRIMARY, None, UNKNOWN),
        (PRIMARY, replace(OWN, state=LOST), UNKNOWN),
        (PRIMARY, replace(OWN, state=UNKNOWN), UNKNOWN),
        (PRIMARY, replace(OWN, seen_at=900.0), UNKNOWN),
        (replace(PRIMARY, reached_at=None), OWN, UNKNOWN),
        (replace(PRIMARY, lost_since=None), OWN, UNKNOWN),
        (replace(PRIMARY, reached_at=-3000.0), OWN, UNKNOWN),
    ],
)
def test_the_canary_has_seen_a_loss_only_while_it_could_post_at_home_and_had_reached_the_primary(
    of_primary: Observation | None, of_own: Observation | None, state: str
) -> None:
    assert canary_signal(of_primary, of_own, 1000.0).state == state


def test_a_loss_that_lasts_longer_than_the_hour_goes_on_counting() -> None:
    hours_later = replace(PRIMARY, seen_at=90_000.0)
    assert canary_signal(hours_later, replace(OWN, seen_at=90_000.0), 90_000.0).state == LOST


def test_doubt_is_an_unknown_signal_or_two_that_disagree() -> None:
    def states(*each: str) -> dict[str, Signal]:
        return {str(number): Signal(state, "") for number, state in enumerate(each)}

    assert not doubtful(states(LOST, LOST, LOST))
    assert not doubtful(states(ALIVE, ALIVE, ALIVE))
    assert doubtful(states(LOST, ALIVE, LOST))
    assert doubtful(states(UNKNOWN, UNKNOWN, UNKNOWN))


def test_a_heartbeat_carries_the_apis_own_url_and_never_the_name_that_was_asked() -> None:
    request = {"requestContext": {"domainName": "api.tandem.example.com"}}
    assert own_endpoint({**request, "stageVariables": {"endpoint": "https://a.example"}}) == "https://a.example"
    assert own_endpoint({**request, "stageVariables": None}) == ""
    assert own_endpoint({}) == ""
