"""Scenarios in which no Region is lost: the primary goes on, worse than before, or without one of its services."""

from __future__ import annotations

from drills.scenarios import partial, phases
from drills.scenarios.scenario import Scenario
from drills.scenarios.silence import no_long_silence

_NOTHING_LOST = "no Region was lost"
_NO_PROMOTION = "the writer need not move"
WRITER_STAYS = {
    "write_rto_seconds": _NOTHING_LOST,
    "detection_seconds": _NOTHING_LOST,
    "clients_moved_seconds": _NOTHING_LOST,
    "rpo_seconds": _NOTHING_LOST,
    "promotion_seconds": _NO_PROMOTION,
    "ledger_rto_seconds": _NO_PROMOTION,
    "ledger_complete_seconds": _NO_PROMOTION,
}

JOURNAL_ONLY = Scenario(
    name="journal-only",
    summary="DynamoDB answers nothing but errors in the primary Region, and all else lives on: clients move",
    steps=(
        partial.inject(partial.JOURNAL_AWAY),
        phases.clients_move,
        phases.load_during,
        partial.mend,
        phases.converge,
        # the heart of a Region without DynamoDB does not beat: whoever leaves it for that is right
        phases.fail_back_to_primary,
        phases.load_after,
    ),
    not_applicable={
        "promotion_seconds": _NO_PROMOTION,
        "ledger_rto_seconds": _NO_PROMOTION,
        "ledger_complete_seconds": _NO_PROMOTION,
        "rpo_seconds": "both Regions' journals are there at the end",
    },
)


def _degraded(name: str, summary: str, *faults: partial.PartialFault) -> Scenario:
    """A scenario in which the primary Region goes on; some clients may leave it for a while."""
    return Scenario(
        name=name,
        summary=summary,
        steps=(
            partial.inject(*faults),
            phases.load_during,
            partial.mend,
            no_long_silence("acknowledged all the while"),
            phases.clients_return,
            phases.converge,
            partial.writer_stayed,
            phases.load_after,
        ),
        not_applicable=WRITER_STAYS,
    )


SLOW_REGION = _degraded(
    "slow-region", "every call to DynamoDB in the primary Region takes half a second longer", partial.SLOW
)
ERRORS = _degraded("errors", "three in ten calls to DynamoDB in the primary Region fail", partial.ERRORS)
THROTTLED = _degraded(
    "throttled",
    "half of the primary Region's API requests and three in ten of its journal's writes are throttled",
    partial.THROTTLED_API,
    partial.THROTTLED_TABLE,
)

BACKLOG = Scenario(
    name="backlog",
    summary="the stream of the primary Region's journal stops and starts again: the ledger falls behind and catches up",
    steps=(
        partial.inject(partial.NO_STREAM),
        phases.load_during,
        partial.backlog_grew,
        partial.mend,
        phases.converge,
        no_long_silence("acknowledged while the ledger fell behind"),
        partial.writer_stayed,
        phases.load_after,
    ),
    not_applicable=WRITER_STAYS,
)
