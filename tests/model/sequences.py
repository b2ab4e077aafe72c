"""Chosen sequences that lose rows when a part of the design is missing, because a random search may miss them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tandem_runtime.sweeper.evidence import SLACK
from tandem_runtime.sweeper.logic import Asked
from tests.model.world import INTERVAL, MARGIN, REFUSED_PAYLOAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.model.world import World

__all__ = ["SEQUENCES"]

LONG_ENOUGH = (MARGIN + SLACK) // INTERVAL + 2
"""Intervals after which a mark vouches for what was recorded before them."""


def sweeps(world: World, times: int = LONG_ENOUGH) -> None:
    for _ in range(times):
        world.pass_time()


def settled(world: World, *keys: str) -> None:
    """Transactions that both ledgers and both checkpoints know."""
    for key in keys:
        world.post(0, key)
    world.deliver(0)
    world.deliver(1)


def superseded_ahead(world: World) -> None:
    """A forced failover to Region 1; then the superseded ledger alone holds `tail`, whose checkpoint passed it."""
    settled(world, "before")
    world.ledgers.fail_over()
    world.deliver(1)
    world.post(1, "tail")
    assert world.deliver(0) == 1, "the superseded node takes writes"


def two_forced_failovers(world: World) -> None:
    superseded_ahead(world)
    world.ledgers.hold()
    world.ledgers.rejoin()  # rewound: `tail` is gone from Region 0, and its checkpoint does not know
    assert world.deliver(1) == 1  # Region 1 inserts it, and replicates nothing any more
    sweeps(world)
    world.ledgers.fail_over()  # back to Region 0: the only ledger with `tail` is superseded
    assert world.deliver(0) is None
    assert world.deliver(1) is None


def failback_with_a_lagging_standby(world: World) -> None:
    superseded_ahead(world)
    world.ledgers.rejoin()
    world.ledgers.switch_over()  # planned: waits for replication, but Region 1's projector never inserted `tail`
    world.ledgers.hold()
    world.post(0, "after")
    world.deliver(0)
    assert world.deliver(1) == 0, "the standby lacks what it must verify"


def stalled_projector(world: World) -> None:
    settled(world, "before")
    for key in ("a", "b", "c"):
        world.post(1, key)
    assert world.deliver(1) == 0, "nothing was inserted: nothing is verified"
    world.sweep(0)  # Region 0's projector stands still, and the sweep inserts for it
    assert world.deliver(1) == 3
    sweeps(world)
    assert world.deliver(0) == 3


def records_trimmed_before_they_were_read(world: World) -> None:
    settled(world, "before")
    sweeps(world)
    for key in ("a", "b", "c"):
        world.post(0, key)
    world.write_around_the_api(0, "odd")
    world.trim(0, 2)
    world.trim(1, 4)
    world.deliver(0)


def restored_from_an_older_backup(world: World) -> None:
    settled(world, "before")
    sweeps(world, 2)
    world.ledgers.back_up()
    settled(world, "after")
    sweeps(world)
    world.ledgers.restore()


def flapping(world: World) -> None:
    settled(world, "before")
    sweeps(world)
    world.ledgers.hold()
    settled(world, "unreplicated")
    world.lose(0)
    world.ledgers.fail_over()
    world.deliver(1)
    world.post(1, "meanwhile")
    world.bring_back()
    world.deliver(0)
    world.ledgers.rejoin()
    world.deliver(1)
    sweeps(world)
    world.lose(1)
    world.ledgers.fail_over()
    world.deliver(0)
    world.post(0, "again")
    world.deliver(0)


def one_key_two_payloads_in_a_partition(world: World) -> None:
    settled(world, "before")
    world.partition()
    assert world.post(0, "shared", 0)
    assert world.post(1, "shared", 1), "each Region serves, and neither knows of the other"
    world.deliver(0)
    world.deliver(1)
    world.mend_journal()


def a_replaced_payload_that_only_the_replica_saw(world: World) -> None:
    settled(world, "before")
    world.partition()
    world.post(1, "shared", 0)
    world.post(0, "shared", 1)  # the later write: Region 0, the writer, never sees payload 0
    world.mend_journal()
    world.ledgers.release()
    world.deliver(0)
    assert world.deliver(1) == 2, "a payload that never comes blocks nothing"


def a_refused_payload_and_another_under_one_key(world: World) -> None:
    world.cut_journal()
    world.post(0, "shared", REFUSED_PAYLOAD)
    world.deliver(0)
    world.post(1, "shared", 0)
    world.mend_journal()
    world.trim(0, 1)
    world.trim(1, 1)


def a_sweep_that_is_asked_for_what_is_recent(world: World) -> None:
    settled(world, "before")
    sweeps(world)
    for region in (0, 1):
        world.post(region, f"unread{region}")
        world.trim(0, 1)
        world.trim(1, 1)
    for _ in range(LONG_ENOUGH):
        world.pass_time(sweeping=())
        world.sweep(0, Asked(since=world.now))


def a_conflict_on_a_discarded_branch(world: World) -> None:
    settled(world, "before")
    world.partition()
    world.post(0, "shared", 0)
    world.post(1, "shared", 1)
    world.deliver(0)  # payload 0 is in Region 0's ledger, which is about to be superseded
    world.ledgers.fail_over()
    world.deliver(1)
    world.mend_journal()
    world.deliver(0)  # learns of payload 1 on the branch that is discarded
    world.ledgers.release()
    world.ledgers.rejoin()


def a_conflict_whose_records_were_trimmed(world: World) -> None:
    settled(world, "before")
    world.partition()
    world.post(0, "shared", 0)
    world.deliver(0)
    world.post(1, "shared", 1)  # the later write: the journal keeps it
    world.mend_journal()
    world.trim(0, 1)
    world.trim(1, 1)


def recorded_out_of_sight(world: World) -> None:
    settled(world, "before")
    world.cut_journal()
    world.post(1, "far")
    sweeps(world)
    world.mend_journal()
    world.trim(0, 1)
    sweeps(world, 2)


def killed_between_commit_and_checkpoint(world: World) -> None:
    for number in range(5):
        world.post(number % 2, f"k{number}")
    assert world.deliver(0, killed=True) == 0
    assert world.deliver(0, 3) == 3
    assert world.deliver(0, killed=True) == 0
    world.deliver_again(0, 2)
    assert world.deliver(0) == 2
    world.deliver_again(0, 5)
    assert world.deliver(1, killed=True) == 0
    assert world.deliver(1) == 5


def a_batch_that_fails_in_the_middle(world: World) -> None:
    world.post(0, "a")
    world.post(0, "refused", REFUSED_PAYLOAD)
    world.write_around_the_api(0, "odd")
    world.post(0, "b", clock_error=timedelta(seconds=30))
    world.post(0, "c")
    for statements in range(4):
        assert world.deliver(0, breaks_after=statements) == 0, "what broke is delivered again from its beginning"
    world.ledgers.hold()
    assert world.deliver(1) != 5
    assert world.deliver(0) == 5
    world.ledgers.release()
    world.deliver(1)
    assert world.tables.streams[1].unread == 0


def standby_that_holds_a_part_of_the_batch(world: World) -> None:
    world.post(0, "a")
    world.deliver(0)
    world.ledgers.hold()
    world.post(0, "b")
    world.post(1, "c")
    world.deliver(0)
    assert world.deliver(1) == 1, "verified up to the first row that did not arrive"
    world.ledgers.fail_over()
    assert world.deliver(1) == 2, "promoted: the same call inserts what was lost"


def late_in_the_index(world: World) -> None:
    settled(world, "before")
    sweeps(world)
    world.post(0, "late", late=True)
    world.trim(0, 1)
    world.trim(1, 1)
    sweeps(world)


def a_sweep_whose_connection_breaks(world: World) -> None:
    """Each break comes a statement later, up to the second slice below the mark; only there the items can be found."""
    settled(world, "before")
    sweeps(world)
    for statements in range(8, 34):
        world.post(0, f"k{statements}", late=True)
        world.trim(0, 1)
        world.trim(1, 1)
        world.pass_time((0,), breaks_after=statements)


def many_at_one_time(world: World) -> None:
    settled(world, "before")
    sweeps(world)
    for number in range(5):
        world.post(0, f"k{number}", after=timedelta())
    world.trim(0, 5)
    world.trim(1, 5)
    sweeps(world)


def a_read_of_the_table_in_parts(world: World) -> None:
    for number in range(20):
        world.post(0, f"k{number}")
    world.trim(0, 20)
    world.trim(1, 20)
    for _ in range(20):
        world.pass_time((0,), slices=2)


def a_read_of_the_table_that_changes_its_region(world: World) -> None:
    for number in range(8):
        world.post(number % 2, f"k{number}")
    world.trim(0, 4)
    world.trim(1, 4)
    world.pass_time()
    for _ in range(3):
        world.pass_time((0,), slices=2)
    world.ledgers.switch_over()
    for _ in range(3):
        world.pass_time((1,), slices=2)
    world.ledgers.switch_over()
    world.pass_time((0,), slices=2)


def shards_that_advance_apart(world: World) -> None:
    """What one shard's checkpoint passed says nothing of the others: they are late, trimmed and rewound by themselves.

    Of a key the records keep to one shard, and what two Regions took in a partition meets there.
    """
    settled(world, *(f"before{number}" for number in range(8)))
    sweeps(world)
    world.partition()
    for number in range(8):
        world.post(0, f"k{number}", 0)
        world.post(1, f"k{number}", number % 2)
    world.deliver(0, shard=0)
    world.deliver(1, shard=1)
    world.mend_journal()
    world.ledgers.release()
    world.trim(0, 2, shard=2)
    world.trim(1, 1, shard=2)
    world.deliver(0, 1, shard=3, killed=True)
    world.ledgers.fail_over()
    world.deliver(1, 1, shard=0)
    world.deliver(1, shard=3)
    world.ledgers.rejoin()
    world.deliver_again(0, 3, shard=0)


SHARDED = frozenset({shards_that_advance_apart.__name__})
"""What is about several shards; each other sequence is about the content of a batch, which one shard holds."""

SEQUENCES: dict[str, Callable[[World], None]] = {
    sequence.__name__: sequence
    for sequence in (
        two_forced_failovers,
        failback_with_a_lagging_standby,
        stalled_projector,
        records_trimmed_before_they_were_read,
        restored_from_an_older_backup,
        flapping,
        one_key_two_payloads_in_a_partition,
        a_replaced_payload_that_only_the_replica_saw,
        a_refused_payload_and_another_under_one_key,
        a_sweep_that_is_asked_for_what_is_recent,
        a_conflict_on_a_discarded_branch,
        a_conflict_whose_records_were_trimmed,
        recorded_out_of_sight,
        killed_between_commit_and_checkpoint,
        a_batch_that_fails_in_the_middle,
        late_in_the_index,
        a_sweep_whose_connection_breaks,
        many_at_one_time,
        a_read_of_the_table_in_parts,
        a_read_of_the_table_that_changes_its_region,
        standby_that_holds_a_part_of_the_batch,
        shards_that_advance_apart,
    )
}
