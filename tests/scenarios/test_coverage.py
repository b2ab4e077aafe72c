"""The embedded AWS acts on all that staging deploys, but for what is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.coverage import explained, ignored, not_delivered

if TYPE_CHECKING:
    from drills.embedded.cdk import CdkCli


def test_nothing_of_staging_is_ignored_without_an_explanation(staging: tuple[str, CdkCli]) -> None:
    url, cli = staging
    assert not_delivered(url, cli.assembly) == set()
    assert sorted(ignored(url, cli.assembly) - explained()) == []
