"""The scenarios, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.scenarios import flapping, partition, phases, rollout
from drills.scenarios.degraded import BACKLOG, ERRORS, JOURNAL_ONLY, SLOW_REGION, THROTTLED, WRITER_STAYS
from drills.scenarios.flood import flood
from drills.scenarios.interrupted import failover_dies_and_is_run_again
from drills.scenarios.key_disabled import disable_key, enable_key
from drills.scenarios.misleading import MISLEADING
from drills.scenarios.partial_loss import (
    ledger_current_everywhere,
    lose_api,
    lose_database,
    restore_api,
    restore_database,
)
from drills.scenarios.restore import RESTORE
from drills.scenarios.returning import RETURNING
from drills.scenarios.scenario import Scenario
from drills.scenarios.silence import never_waits_for_the_ledger, no_long_silence
from drills.scenarios.unattended import canary_has_reached_both, plan_completes, recover_moves_the_ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING_LOST = "no Region was lost"
STAYED_UP = "the primary Region went on serving"

REGION_LOSS = Scenario(
    name="region-loss",
    summary="the primary Region is lost under load, the secondary takes over, everything returns",
    # the operator acts on the loss; clients move by the health checks meanwhile
    steps=(phases.lose_primary, phases.force_failover, phases.ledger_complete, phases.clients_move, *phases.AFTERMATH),
)

AUTOMATIC = Scenario(
    name="automatic",
    summary="the primary Region is lost with nobody at the keyboard: three signals start the recovery",
    steps=(
        canary_has_reached_both,
        phases.lose_primary,
        phases.clients_move,
        recover_moves_the_ledger,
        phases.ledger_complete,
        plan_completes,
        *phases.AFTERMATH,
    ),
)

PLANNED_SWITCHOVER = Scenario(
    name="planned-switchover",
    summary="no Region is taken away: traffic and writer move to the secondary Region by decision, and back",
    steps=(
        phases.switch_over,
        phases.ledger_complete,  # before waiting for clients: it is timed from the promotion
        phases.clients_move,
        phases.load_during,
        phases.converge,
        phases.fail_back_to_primary,
        phases.load_after,
        no_long_silence("acknowledged throughout the switchover"),
    ),
    not_applicable={
        "write_rto_seconds": _NOTHING_LOST,
        "ledger_rto_seconds": _NOTHING_LOST,
        "rpo_seconds": _NOTHING_LOST,
        "detection_seconds": _NOTHING_LOST,
        "clients_moved_seconds": _NOTHING_LOST,
        "promotion_seconds": _NOTHING_LOST,
    },
)

DATABASE_ONLY = Scenario(
    name="database-only",
    summary="the primary Region's database dies, its API lives on, the ledger fails over alone",
    steps=(
        lose_database,
        phases.load_during,
        phases.force_ledger_failover,
        phases.ledger_complete,
        no_long_silence("acknowledged while the ledger was away"),
        never_waits_for_the_ledger,
        restore_database,
        phases.converge,
        phases.fail_back_to_primary,
        phases.load_after,
    ),
    not_applicable={
        "write_rto_seconds": STAYED_UP,
        "detection_seconds": STAYED_UP,
        "clients_moved_seconds": STAYED_UP,
        "rpo_seconds": STAYED_UP,
    },
)

_NO_PROMOTION = "the writer never moved"

API_ONLY = Scenario(
    name="api-only",
    summary="the primary Region's API dies, the health check moves clients, the writer stays",
    steps=(
        lose_api,
        phases.clients_move,
        phases.load_during,
        ledger_current_everywhere,
        restore_api,
        phases.clients_return,
        phases.load_after,
    ),
    not_applicable={
        "promotion_seconds": _NO_PROMOTION,
        "ledger_rto_seconds": _NO_PROMOTION,
        "ledger_complete_seconds": _NO_PROMOTION,
        "rpo_seconds": "both Regions' journals stayed up",
    },
)

KEY_DISABLED = Scenario(
    name="key-disabled",
    summary="the primary Region's customer key is disabled: its data cannot be used, and the secondary takes over",
    steps=(
        disable_key,
        phases.force_failover,
        phases.ledger_complete,
        phases.clients_move,
        phases.load_during,
        enable_key,
        phases.converge,
        phases.fail_back_to_primary,
        phases.load_after,
    ),
)

FLOOD = Scenario(
    name="flood",
    summary="a stranger floods paths of the API that anybody can guess, and nobody's traffic moves",
    steps=(flood, no_long_silence("acknowledged throughout the flood"), phases.converge, phases.load_after),
    not_applicable=WRITER_STAYS,
)

PARTITION = Scenario(
    name="partition",
    summary="the Regions cannot see each other and clients reach both, some with conflicting payloads",
    steps=(
        partition.cut_link,
        partition.serve_in_both,
        partition.conflicting_payloads,
        phases.converge,
        phases.load_after,
    ),
    not_applicable=WRITER_STAYS,
)

ISOLATED_PRIMARY = Scenario(
    name="isolated-primary",
    summary="the primary Region is cut off from every other one, witness included, and its clients reach it",
    steps=(
        partition.isolate_primary,
        partition.serve_in_one,
        partition.mend_link,
        phases.converge,
        phases.fail_back_to_primary,
        phases.load_after,
    ),
    not_applicable=PARTITION.not_applicable,
)

FLAPPING = Scenario(
    name="flapping",
    summary="the primary Region is lost and comes back, and the secondary is lost right after: two forced failovers",
    steps=(
        phases.lose_primary,
        phases.clients_move,
        phases.force_failover,
        phases.ledger_complete,
        phases.load_during,
        phases.restore_primary,
        flapping.primary_is_member,
        flapping.lose_secondary,
        phases.clients_return,
        flapping.force_failover_to_primary,
        phases.load_during,
        flapping.restore_secondary,
        phases.converge,
        phases.fail_back_to_primary,
        phases.load_after,
    ),
)

LOSS_DURING_FAILOVER = Scenario(
    name="loss-during-failover",
    summary="the primary Region is lost, and so is the operator's `tandem failover` half way: it is run again",
    steps=(
        phases.lose_primary,
        failover_dies_and_is_run_again,
        phases.ledger_complete,  # before waiting for clients: it is timed from the promotion
        phases.clients_move,
        *phases.AFTERMATH,
    ),
)

ROLLOUT = Scenario(
    name="rollout",
    summary="the primary Region serves alone, the secondary joins, and leaves again",
    steps=(
        rollout.secondary_joins,
        phases.load_during,
        phases.converge,
        rollout.secondary_leaves,
        phases.load_after,
        rollout.was_never_refused,
    ),
    not_applicable=WRITER_STAYS,
    stacks=("GlobalStack", "PrimaryRegionStack"),
    both_regions=False,
)

SCENARIOS: Mapping[str, Scenario] = {
    each.name: each
    for each in (
        REGION_LOSS,
        AUTOMATIC,
        PLANNED_SWITCHOVER,
        DATABASE_ONLY,
        API_ONLY,
        FLOOD,
        KEY_DISABLED,
        PARTITION,
        ISOLATED_PRIMARY,
        FLAPPING,
        LOSS_DURING_FAILOVER,
        JOURNAL_ONLY,
        SLOW_REGION,
        ERRORS,
        THROTTLED,
        BACKLOG,
        RESTORE,
        *MISLEADING,
        *RETURNING,
        ROLLOUT,
    )
}
