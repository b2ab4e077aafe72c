"""Hypothesis drives the world: it applies any rules in any order, and then everything is repaired and checked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tandem_runtime.sweeper.logic import Asked
from tests.model.ledgers import SUPERSEDED
from tests.model.regions import SHARDS
from tests.model.world import REFUSED_PAYLOAD, Runtime, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.model.regions import Aws
    from tests.sql.database import Pair

__all__ = ["machine"]

REGION = st.integers(0, 1)
KEYS_AT_ONCE = "uvwxyz"
KEYS = st.sampled_from("abcdef")
PAYLOADS = st.sampled_from([0, 0, 0, 1, REFUSED_PAYLOAD])
CLOCK_ERRORS = st.sampled_from([timedelta(), timedelta(seconds=30)])
SIZES = st.sampled_from([1, 2, 3, 100])
STATEMENTS = st.integers(0, 2)
SHARD = st.sampled_from([None, None, *range(SHARDS)])
"""One shard alone, or every one."""


class Machine(RuleBasedStateMachine):
    """Its rules are what clients, AWS and faults do. Everything is checked as it happens, and again at the end."""

    aws: Aws
    pair: Pair
    make_runtime: Callable[[], Runtime]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.aws, self.pair, type(self).make_runtime(), SHARDS)
        self.broken = False

    # ---- clients ----
    @rule(region=REGION, key=KEYS, payload=PAYLOADS, clock_error=CLOCK_ERRORS, late=st.booleans())
    def post(self, region: int, key: str, payload: int, clock_error: timedelta, late: bool) -> None:  # noqa: FBT001 - drawn
        self.world.post(region, key, payload, clock_error=clock_error, late=late)

    @rule(region=REGION, count=st.integers(2, 6))
    def post_at_one_time(self, region: int, count: int) -> None:
        for key in KEYS_AT_ONCE[:count]:
            self.world.post(region, f"{key}{self.world.now:%H%M%S}", after=timedelta())

    @rule(region=REGION, key=KEYS)
    def write_around_the_api(self, region: int, key: str) -> None:
        self.world.write_around_the_api(region, key)

    # ---- streams ----
    @rule(region=REGION, size=SIZES, shard=SHARD)
    def deliver(self, region: int, size: int, shard: int | None) -> None:
        self.world.deliver(region, size, shard=shard)

    @rule(region=REGION, size=SIZES, shard=SHARD)
    def deliver_and_die_before_the_checkpoint(self, region: int, size: int, shard: int | None) -> None:
        self.world.deliver(region, size, shard=shard, killed=True)

    @rule(region=REGION, size=SIZES, shard=SHARD, statements=STATEMENTS)
    def deliver_on_a_connection_that_breaks(self, region: int, size: int, shard: int | None, statements: int) -> None:
        self.world.deliver(region, size, shard=shard, breaks_after=statements)

    @rule(region=REGION, back=st.integers(1, 5), shard=SHARD)
    def deliver_again(self, region: int, back: int, shard: int | None) -> None:
        self.world.deliver_again(region, back, shard=shard)

    @rule(region=REGION, count=st.integers(1, 3), shard=SHARD)
    def trim(self, region: int, count: int, shard: int | None) -> None:
        self.world.trim(region, count, shard=shard)

    # ---- time ----
    @rule(
        sweeping=st.sampled_from([(0, 1), (0, 1), (0,), (1,), ()]),
        times=st.sampled_from([1, 6]),
        slices=st.sampled_from([None, None, 1, 2]),
    )
    def pass_time(self, sweeping: tuple[int, ...], times: int, slices: int | None) -> None:
        for _ in range(times):
            self.world.pass_time(sweeping, slices=slices)

    @rule(breaks_after=st.integers(3, 30), times=st.sampled_from([1, 4]))
    def pass_time_on_a_connection_that_breaks(self, breaks_after: int, times: int) -> None:
        for _ in range(times):
            self.world.pass_time(breaks_after=breaks_after)

    @rule(region=REGION)
    def read_the_table(self, region: int) -> None:
        self.world.sweep(region, Asked(whole=True), slices=2)

    @rule(region=REGION, minutes=st.integers(0, 3))
    def reconcile(self, region: int, minutes: int) -> None:
        self.world.sweep(region, Asked(since=self.world.now - timedelta(minutes=minutes)))

    # ---- faults ----
    @precondition(lambda self: not self.world.cut)
    @rule()
    def cut_journal(self) -> None:
        self.world.cut_journal()

    @precondition(lambda self: self.world.cut)
    @rule()
    def mend_journal(self) -> None:
        self.world.mend_journal()

    @precondition(lambda self: not self.world.ledgers.held)
    @rule()
    def hold_ledger(self) -> None:
        self.world.ledgers.hold()

    @precondition(lambda self: self.world.ledgers.held)
    @rule()
    def release_ledger(self) -> None:
        self.world.ledgers.release()

    @precondition(lambda self: self.world.lost is None)
    @rule(region=REGION)
    def lose(self, region: int) -> None:
        self.world.lose(region)

    @precondition(lambda self: self.world.lost is not None)
    @rule()
    def bring_back(self) -> None:
        self.world.bring_back()

    # ---- Aurora ----
    @precondition(lambda self: self.world.ledgers.can_fail_over)
    @rule()
    def fail_over(self) -> None:
        self.world.ledgers.fail_over()

    @precondition(lambda self: SUPERSEDED in self.world.ledgers.roles and self.world.lost is None)
    @rule()
    def rejoin(self) -> None:
        self.world.ledgers.rejoin()

    @precondition(lambda self: self.world.ledgers.replicates)
    @rule()
    def switch_over(self) -> None:
        self.world.ledgers.switch_over()

    @precondition(lambda self: self.world.ledgers.replicates and self.world.ledgers.backup is None)
    @rule()
    def back_up(self) -> None:
        self.world.ledgers.back_up()

    @precondition(lambda self: self.world.ledgers.replicates and self.world.ledgers.backup is not None)
    @rule()
    def restore(self) -> None:
        self.world.ledgers.restore()

    # ---- the end ----
    def teardown(self) -> None:
        try:
            self.world.converge()
        finally:
            self.world.close()


def machine(aws: Aws, pair: Pair, make_runtime: Callable[[], Runtime]) -> type[Machine]:
    """Return a machine of its own for these servers and this code."""
    return type("Tandem", (Machine,), {"aws": aws, "pair": pair, "make_runtime": staticmethod(make_runtime)})
