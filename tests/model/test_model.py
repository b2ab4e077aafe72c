"""Tandem, driven by clients and by everything that fails, on real PostgreSQL and the embedded DynamoDB."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model import mutants
from tests.model.machine import machine
from tests.model.regions import SHARDS
from tests.model.sequences import SEQUENCES, SHARDED
from tests.model.truth import Violation
from tests.model.world import Runtime, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.model.regions import Aws
    from tests.sql.database import Pair


@contextmanager
def run(aws: Aws, pair: Pair, runtime: Runtime, shards: int = 1) -> Iterator[World]:
    world = World(aws, pair, runtime, shards)
    try:
        yield world
    finally:
        world.close()


def played(world: World, name: str) -> None:
    SEQUENCES[name](world)
    world.converge()


CAMPAIGN = os.environ.get("TANDEM_MODEL_EXAMPLES", "")
"""How many runs `make model` asks for; `make test` makes none, and leaves out the sequences that take longest."""

LONG = pytest.mark.skipif(not CAMPAIGN, reason="takes long: make model runs it")
SLOW = {
    "a_conflict_on_a_discarded_branch",
    "a_read_of_the_table_that_changes_its_region",
    "failback_with_a_lagging_standby",
    "flapping",
}
"""Sequences that took more than 5 s of processor time each, 40 s of the 70 s of all of them."""


@pytest.mark.parametrize("name", [pytest.param(each, marks=LONG if each in SLOW else ()) for each in SEQUENCES])
def test_nothing_is_lost_posted_twice_or_vouched_for_in_vain(aws: Aws, ledger_pair: Pair, name: str) -> None:
    with run(aws, ledger_pair, Runtime(), SHARDS if name in SHARDED else 1) as world:
        played(world, name)


LOST = "acknowledged payload . of .* is lost"


@pytest.mark.parametrize(
    ("mutant", "name", "found"),
    [
        (mutants.no_sweep, "two_forced_failovers", LOST),
        (mutants.no_sweep, "records_trimmed_before_they_were_read", LOST),
        (mutants.mark_outside_the_ledger, "restored_from_an_older_backup", "vouches for"),
        (mutants.mark_by_the_clock, "recorded_out_of_sight", "vouches for"),
        (mutants.presence_by_id, "one_key_two_payloads_in_a_partition", "checkpoint of .* passed payload"),
        (mutants.presence_by_id, "a_conflict_whose_records_were_trimmed", "vouches for"),
        (mutants.mark_over_what_was_only_read_early, "late_in_the_index", "vouches for"),
        (mutants.mark_before_the_rows, "a_sweep_whose_connection_breaks", "vouches for"),
        (mutants.slice_past_its_last_item, "many_at_one_time", "vouches for"),
        (mutants.segment_skipped_on_resume, "a_read_of_the_table_in_parts", "vouches for"),
    ],
)
def test_what_a_part_of_the_design_is_for_is_lost_without_it(
    aws: Aws, ledger_pair: Pair, mutant: Callable[[], Runtime], name: str, found: str
) -> None:
    with run(aws, ledger_pair, mutant()) as world, pytest.raises(Violation, match=found):
        played(world, name)


EXAMPLES = int(CAMPAIGN or 2)
STEPS = 25


def search(aws: Aws, pair: Pair, make_runtime: Callable[[], Runtime], *, examples: int, shrink: bool) -> None:
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    run_state_machine_as_test(
        machine(aws, pair, make_runtime),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@LONG
def test_no_interleaving_of_clients_and_faults_loses_anything(aws: Aws, ledger_pair: Pair) -> None:
    search(aws, ledger_pair, Runtime, examples=EXAMPLES, shrink=True)


@LONG
@pytest.mark.parametrize("mutant", mutants.MUTANTS)
def test_a_search_without_directions_may_find_what_a_mutant_loses(
    aws: Aws, ledger_pair: Pair, mutant: Callable[[], Runtime]
) -> None:
    try:
        search(aws, ledger_pair, mutant, examples=EXAMPLES, shrink=False)
    except Violation:
        return
    pytest.skip(f"{EXAMPLES} runs without directions did not find it: the sequences above do, every time")
