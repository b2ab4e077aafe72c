"""Ways in which a Region dies, each up to the moment when the secondary writes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills.history.events import Faulted, Mended
from drills.scenarios.interrupted import failover_dies_and_is_run_again
from drills.scenarios.partial import ERRORS, JOURNAL_AWAY, SLOW, THROTTLED_TABLE, inject, take_back
from drills.scenarios.partial_loss import lose_api, lose_database_unnoticed, restore_api
from drills.scenarios.phases import clients_move, force_failover, lose_primary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.context import DrillContext

PAUSE_SECONDS = 0.5


def _pause(_: DrillContext) -> None:
    time.sleep(PAUSE_SECONDS)


def _cut_link(context: DrillContext) -> None:
    with context.phase("cut the link between the Regions"):
        context.history.append(Faulted(at=time.monotonic(), what="link", region=context.secondary))
        context.control.partition(on=True)


def _link_ends(context: DrillContext) -> None:
    """A dead Region has no link: it comes back with one."""
    context.history.append(Mended(at=time.monotonic(), what="link", region=context.secondary))
    context.control.partition(on=False)


KILLS: Mapping[str, tuple[Callable[[DrillContext], None], ...]] = {
    "at-once": (lose_primary, clients_move, force_failover),
    "api-first": (lose_api, _pause, lose_primary, restore_api, clients_move, force_failover),
    "database-first": (lose_database_unnoticed, _pause, lose_primary, clients_move, force_failover),
    "link-first": (_cut_link, _pause, lose_primary, _link_ends, clients_move, force_failover),
    "slow-first": (inject(SLOW), _pause, lose_primary, take_back, clients_move, force_failover),
    "errors-first": (inject(ERRORS), _pause, lose_primary, take_back, clients_move, force_failover),
    "throttled-first": (inject(THROTTLED_TABLE), _pause, lose_primary, take_back, clients_move, force_failover),
    "journal-first": (inject(JOURNAL_AWAY), _pause, lose_primary, take_back, clients_move, force_failover),
    "operator-dies": (lose_primary, failover_dies_and_is_run_again, clients_move),
}
