"""What a deployed stage cannot take is had by a new stage, which takes over the journal and the name."""

from __future__ import annotations

from contract.parameters import HOSTED_ZONE_ID
from operations.copy_journal import copy_journal
from operations.errors import WrongInputError
from operations.reconcile import reconcile
from tests.changes.stage import LONG, REGIONS, Stage

pytestmark = LONG

NAME = "moving.tandem-rehearsal.net"
SECONDARY_FIRST = ("SecondaryRegionStack", "PrimaryRegionStack", "GlobalStack")


def without_domain(stage: Stage) -> None:
    """Take the stage's domain out of its settings."""
    stage.change((r'\n\[domain\]\nname = "[^"]*"\n', "\n"))


def test_a_new_stage_takes_the_journal_and_the_name_of_one_that_cannot_be_changed(staging: Stage) -> None:
    old = Stage(staging.url, "elder", staging.work.with_name("elder"))
    old.change((r'name = "[^"]*"', f'name = "{NAME}"'))
    old.first()
    old.post(count=20)
    old.post(REGIONS.secondary, count=5)
    old.assert_nothing_is_lost()

    new = Stage(staging.url, "heir", staging.work.with_name("heir"))
    without_domain(new)
    new.change(("10.30.0.0/16", "10.40.0.0/16"), ("10.31.0.0/16", "10.41.0.0/16"))
    new.first()
    new.post(count=3)

    copied = copy_journal(new.endpoint, old.deployment, new.deployment)
    assert (copied.written, copied.others) == (25, ())
    assert copy_journal(new.endpoint, old.deployment, new.deployment).written == 0
    assert reconcile(new.endpoint, new.deployment, since=None)["done"]
    new.transactions += old.transactions
    new.assert_nothing_is_lost()

    without_domain(old)
    old.deploy(*SECONDARY_FIRST)
    new.put("domain", f'name = "{NAME}"')
    new.deploy()
    assert new.deployment.api_name.endswith(NAME)
    assert new.deployment.get(REGIONS.primary, HOSTED_ZONE_ID)
    assert api_name(old) is None
    new.post(count=3)
    new.assert_nothing_is_lost()


def api_name(stage: Stage) -> str | None:
    """The stage's one name, None where it has none."""
    try:
        return stage.deployment.api_name
    except WrongInputError:
        return None
