"""The rule packs that every synthesis runs, and how what is acknowledged of them reaches its constructs."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from tandem.policies.acknowledged import ACKNOWLEDGED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import App

    from contract.names import Names

__all__ = ["acknowledge", "register"]


def acknowledge(app: App, *, names: Names, regions: Sequence[str], retain: bool) -> None:
    """Acknowledge on every construct that `ACKNOWLEDGED` names; call it once the app is composed."""
    groups = [group for group in ACKNOWLEDGED if not (retain and group.destroyable_only)]
    for construct in app.node.find_all():
        path = construct.node.path
        for group in groups:
            if not fnmatchcase(path, group.path):
                continue
            rules = {
                rule.replace("{account}", names.account).replace("{stage}", names.stage).replace("{region}", region)
                for rule in group.rules
                for region in regions
            }
            Validations.of(construct).acknowledge(
                *(Acknowledgment(id=rule, reason=group.reason) for rule in sorted(rules))
            )


def register(app: App, *, names: Names, regions: Sequence[str], retain: bool) -> None:
    """Check the app against AWS Solutions and NIST 800-53 rev. 5 at synthesis; a finding makes the synthesis fail."""
    acknowledge(app, names=names, regions=regions, retain=retain)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    Validations.of(app).add_plugins(NIST80053R5Checks(app))
