"""What the runbook's pages name besides the night: typed after it, each in the state that its page is about."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from contract.journal import key_of
from contract.tables import PARTITION_KEY
from drills.typed import STAGE, Step, healthy, waited

if TYPE_CHECKING:
    from drills.typed import Night

FIRST = key_of(str(uuid.UUID(int=1)))
"""The key of an item that no ledger takes."""


def _says(night: Night, words: str) -> None:
    """Wait until the verdict has these words."""
    night.wait(lambda: words in night.verdict(), f"nobody said {words!r}")


def _lose_secondary(night: Night) -> None:
    night.control.lose(night.deployment.regions.secondary)
    _says(night, "secondary lost")


def _return_secondary(night: Night) -> None:
    night.control.restore(night.deployment.regions.secondary)
    healthy(night)


def _lose_database(night: Night) -> None:
    night.control.lose_database(night.deployment.regions.primary)
    _says(night, "does not answer")


def _lose_both_databases(night: Night) -> None:
    night.control.restore(night.deployment.regions.secondary)
    for region in night.deployment.regions.both:
        night.control.lose_database(region)
    _says(night, "no ledger answers")


def _return_databases(night: Night) -> None:
    for region in night.deployment.regions.both:
        night.control.restore_database(region)
    night.wait(lambda: "does not answer" not in night.verdict(), "no ledger")


def _set_aside(night: Night) -> None:
    """Write what is no transaction around the API, and wait until it is set aside."""
    region = night.deployment.regions.primary
    night.endpoint.dynamodb(region).put_item(
        TableName=night.deployment.journal_table(region), Item={PARTITION_KEY: {"S": FIRST}}
    )
    _says(night, "in quarantine")


def _take_out(night: Night) -> None:
    region = night.deployment.regions.primary
    night.endpoint.dynamodb(region).delete_item(
        TableName=night.deployment.journal_table(region), Key={PARTITION_KEY: {"S": FIRST}}
    )


def _typed(situation: str, command: str, *statuses: int, **more: object) -> Step:
    line = f"tandem {command} --stage {STAGE}"
    return Step(heading=situation, command=line, statuses=statuses or (0,), **more)  # type: ignore[arg-type]


STEPS = (
    _typed("ready", "preflight", 0, 1, 3, before=waited(healthy)),
    _typed("ready", "compare"),
    _typed("ready", "conflicts --json"),
    _typed("moved by decision", "failover --planned --yes"),
    _typed("moved by decision", "failback --yes"),
    _typed("moved by force", 'failover --force --yes --reason "us-east-1 half broken"', 0, 3, before=waited(healthy)),
    _typed("moved by force", "failback --yes --wait 300"),
    _typed("the writer's database is away", "status", 3, before=waited(_lose_database)),
    _typed("the writer's database is away", "failover --ledger-only --yes", 0, 3),
    _typed("the database is back", "failback --yes --wait 300", before=waited(_return_databases)),
    _typed("an item is set aside", "quarantine list", 0, 3, before=waited(_set_aside)),
    _typed("it stays", f"quarantine release {FIRST}", 3),
    _typed("it is taken out", "quarantine release --all", before=waited(_take_out)),
    _typed("the secondary is lost", "status", 3, before=waited(_lose_secondary)),
    _typed("the secondary wrote", "failover --planned --yes", before=waited(_return_secondary)),
    _typed("the secondary is lost and wrote", "status", 3, before=waited(_lose_secondary)),
    _typed("the secondary is lost and wrote", "failover --to us-east-1 --yes", 0, 3),
    _typed("both databases are away", "status", 1, before=waited(_lose_both_databases)),
)
"""In order; each goes on from where the one before it has left the stage."""
