"""The line and the exit status that a stage's state is worth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operations.stage_state import LedgerMembers, StageState, age
from operations.verdict import Verdict, is_lost, verdict
from tests.operations.states import LOST, STATE, A, B, changed, region, unread


def writer(region: str | None, status: str = "available") -> LedgerMembers:
    return LedgerMembers(status=status, writer=region, members=(A, B))


def test_a_whole_stage_is_healthy() -> None:
    assert verdict(STATE) == Verdict(status=0, line="healthy")


def lost_primary(**values: object) -> StageState:
    return replace(changed(A, **LOST, heartbeat_age_seconds=35.0), traffic=B, **values)  # type: ignore[arg-type]


def test_a_lost_primary_says_what_has_moved_and_what_moves_the_rest() -> None:
    line = "primary lost for 35 s, traffic moved, ledger not: tandem failover --stage prod"
    assert verdict(lost_primary()) == Verdict(status=3, line=line)


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (
            lost_primary(ledger=writer(B), takeover=True),
            "primary lost for 35 s, traffic and ledger moved: tandem failback --wait 3600 --stage prod",
        ),
        (
            replace(changed(A, **LOST, heartbeat_age_seconds=61.0), traffic=A),
            "primary lost for 61 s, traffic and ledger not moved: tandem failover --stage prod",
        ),
        (
            replace(changed(A, **LOST, heartbeat_age_seconds=61.0), traffic=None),
            "primary lost for 61 s, traffic unknown, ledger not moved: tandem failover --stage prod",
        ),
        (
            replace(changed(A, **LOST, heartbeat_age_seconds=61.0), ledger=writer(B)),
            "primary lost for 61 s, traffic not moved, ledger moved: tandem failover --stage prod",
        ),
    ],
)
def test_what_has_moved_of_a_lost_primary_is_said_of_each(state: StageState, line: str) -> None:
    assert verdict(state) == Verdict(status=3, line=line)


def test_a_lost_primary_and_a_ledger_that_nobody_can_ask_is_a_failure() -> None:
    state = lost_primary(ledger=None, unread={"ledger": "away"})
    line = "primary lost for 35 s, traffic moved, ledger unknown: tandem failover --stage prod"
    assert verdict(state) == Verdict(status=1, line=line)


def test_a_primary_out_of_reach_from_here_alone_is_not_lost() -> None:
    state = changed(A, **LOST, heartbeat_age_seconds=20.0)
    assert not is_lost(state, A)
    assert verdict(state).status == 3
    assert "us-east-1 does not answer here, though its heartbeat of 20 s ago reached us-west-2" in verdict(state).line


def test_a_lost_secondary_is_degraded_while_the_primary_serves() -> None:
    state = replace(changed(B, **LOST, heartbeat_age_seconds=90.0), takeover=None, seen_from=A)
    line = "secondary lost for 90 s, us-east-1 serves alone: tandem status --watch 10 --stage prod"
    assert verdict(state) == Verdict(status=3, line=line)


def test_a_secondary_lost_while_it_writes_names_the_way_back() -> None:
    state = replace(changed(B, **LOST, heartbeat_age_seconds=90.0), takeover=None, ledger=writer(B))
    assert verdict(state).line.endswith("ledger not: tandem failover --to us-east-1 --stage prod")


def test_two_dead_databases_are_a_failure_although_both_apis_answer() -> None:
    dead = {"ledger_answers": False}
    state = replace(STATE, regions={A: region("primary", **dead), B: region("secondary", **dead)})
    assert verdict(state).status == 1
    assert verdict(state).line.startswith("failed: no ledger answers (us-east-1, us-west-2)")
    assert verdict(state).line.endswith("tandem reconcile --stage prod")


def test_a_dead_database_of_the_writer_is_degraded_and_names_the_failover_of_the_ledger_alone() -> None:
    state = replace(changed(A, ledger_answers=False), unread={f"marks of {A}": "DatabaseUnavailableException"})
    line = "degraded: the ledger of us-east-1 does not answer: tandem failover --ledger-only --stage prod"
    assert verdict(state) == Verdict(status=3, line=line)


def without_apis(**values: object) -> StageState:
    silent = {"healthy": False, **values}
    return replace(STATE, regions={A: region("primary", **silent), B: region("secondary", **silent)})


def test_no_api_that_answers_and_no_region_that_beats_is_a_failure() -> None:
    told = verdict(without_apis(heartbeat_age_seconds=300.0))
    assert told.status == 1
    assert told.line.startswith("failed: no Region's API answers here (us-east-1, us-west-2): tandem status")


def test_apis_that_this_machine_alone_does_not_reach_are_unknown_and_no_failure() -> None:
    told = verdict(without_apis(heartbeat_age_seconds=3.0))
    assert told.status == 1
    assert "though us-east-1 beat 3 s ago and us-west-2 beat 3 s ago: tandem status" in told.line
    away = verdict(replace(without_apis(), unread={"heartbeats": "no route to a proxy"}))
    assert away.line.startswith("unknown: no Region's API answers here")
    assert "no heartbeat can be read (no route to a proxy)" in away.line


def test_a_switch_that_is_set_while_the_primary_beats_is_degraded_and_names_the_way_back() -> None:
    state = changed(takeover=True, takeover_reason="rehearsal", traffic=B)
    line = "degraded: the takeover switch is set (rehearsal): tandem failback --stage prod"
    assert verdict(state) == Verdict(status=3, line=line)


def test_an_alarm_that_was_told_nothing_yet_leaves_a_stage_healthy() -> None:
    assert verdict(changed(B, starting=("tandem-secondary-prod-SweepLag1-X",))).status == 0


def test_different_code_in_the_regions_is_degraded() -> None:
    line = "degraded: the Regions run different code: make deploy STAGE=prod"
    assert verdict(changed(B, code="0ther")) == Verdict(status=3, line=line)


def test_different_settings_in_the_regions_are_degraded() -> None:
    line = verdict(changed(A, settings="0123abcd")).line
    assert line == "healthy", "a stage of a release before this one tells no version of its settings"
    state = replace(
        changed(A, settings="0123abcd"),
        regions={A: region("primary", settings="a"), B: region("secondary", settings="b")},
    )
    assert verdict(state).status == 3
    assert "different settings: make deploy STAGE=prod" in verdict(state).line


def test_a_plan_that_needs_action_is_degraded_with_its_warnings() -> None:
    told = verdict(changed(plan_evaluation="actionRequired", plan_warnings=("a role is missing",)))
    assert told.status == 3
    assert told.line.startswith("degraded: the recovery plan needs action (a role is missing): aws arc-region-switch")


def test_a_plan_that_has_not_been_evaluated_yet_is_no_fault() -> None:
    assert verdict(changed(plan_evaluation="pendingEvaluation")).status == 0


@pytest.mark.parametrize(
    ("state", "named"),
    [
        (changed(A, healthy=False), "the API of us-east-1 does not answer"),
        (changed(A, heartbeat_age_seconds=121.0), "the last heartbeat of us-east-1 is 2 min old"),
        (changed(A, iterator_age_seconds=300.0), "the projector of us-east-1 is 5 min behind"),
        (changed(B, alarms=("tandem-primary-lost-prod",)), "in ALARM in us-west-2: tandem-primary-lost-prod"),
        (changed(quarantined=2), "2 in quarantine: tandem quarantine list --stage prod"),
        (changed(ledger=writer(B)), "us-west-2 writes the ledger: tandem failback --stage prod"),
        (changed(ledger=writer(A, "failing-over")), "the global database is failing-over"),
        (changed(plan_evaluation="unknown"), "ARC does not know whether the recovery plan works"),
        (changed(traffic=B), "traffic goes to us-west-2"),
        (changed(B, deployed=False, healthy=False), "us-west-2 does not hold the stage: make deploy STAGE=prod"),
    ],
)
def test_a_stage_that_serves_and_is_not_as_deployed_is_degraded(state: StageState, named: str) -> None:
    assert verdict(state).status == 3
    assert verdict(state).line.startswith("degraded: ")
    assert named in verdict(state).line
    assert ": tandem " in verdict(state).line or ": make " in verdict(state).line


@pytest.mark.parametrize("what", ["heartbeats", "quarantine", "ledger", "takeover"])
def test_what_decides_and_could_not_be_read_makes_a_stage_unknown(what: str) -> None:
    told = verdict(unread(what, "alarms of us-east-1"))
    assert told.status == 1
    assert told.line == f"unknown: {what} (AccessDenied): tandem status --watch 10 --stage prod"


def test_a_region_without_a_heartbeat_makes_a_stage_unknown() -> None:
    assert verdict(changed(A, heartbeat_age_seconds=None)).line.startswith("unknown: heartbeat of us-east-1: ")


@pytest.mark.parametrize(
    "what",
    [("traffic",), ("plan evaluation",), ("alarms of us-east-1", "code of us-west-2", "marks of us-east-1", "traffic")],
)
def test_whatever_else_could_not_be_read_is_never_healthy(what: tuple[str, ...]) -> None:
    told = verdict(unread(*what))
    assert told.status == 3
    assert f"not read: {', '.join(what)}" in told.line


def test_a_stage_of_one_region_needs_no_switch_and_no_global_database() -> None:
    state = replace(STATE, regions={A: region("primary")}, takeover=None, ledger=None, plan=None, seen_from=A)
    assert verdict(state).status == 0


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (119.0, "119 s"), (150.0, "2 min"), (7200.0, "2 h"), (500_000.0, "6 days")]
)
def test_an_age_is_told_in_one_unit(seconds: float, words: str) -> None:
    assert age(seconds) == words
