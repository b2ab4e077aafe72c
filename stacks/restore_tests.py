"""The restore tests of a Region: weekly, of the backups that it keeps, or of those that were copied to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.restore_testing import RestoreTesting

if TYPE_CHECKING:
    from stacks.region_stack import RegionStack
    from tandem.failures import FailedInvocations
    from tandem.ledger import PrimaryLedger, SecondaryLedger

_PRIMARY_HOUR, _SECONDARY_HOUR = 7, 9
"""After the daily backup at 5 and its copy, UTC, and not both at once."""


def restore_tests(stack: RegionStack, ledger: PrimaryLedger | SecondaryLedger) -> dict[str, FailedInvocations]:
    """Add them where there are two Regions, and return where their failures are kept.

    A stage of one Region has no copy to prove, and is not there to be restored.
    """
    placement = stack.placement
    if not placement.dual:
        return {}
    names, primary = placement.names, stack.role == "primary"
    tests = RestoreTesting(
        stack,
        "RestoreTesting",
        defaults=stack.defaults,
        network=stack.network,
        ledger=ledger,
        vault_arn=names.vault_arn(names.backup_vault if primary else names.copy_vault, stack.region_name),
        hour=_PRIMARY_HOUR if primary else _SECONDARY_HOUR,
    )
    return {"RestoreTest": tests.failures}
