"""Whatever stage prod deploys is acted on by the embedded AWS, or on the list of what is ignored, and why.

Stages dev and staging are held to the same list where other tests deploy them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from drills.embedded.cdk import deploy
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from operations.deployment import regions_of
from tests.coverage import explained, ignored, not_delivered

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    "prod" not in os.environ.get("TANDEM_LIFECYCLE_STAGES", ""), reason="deploys prod: make lifecycle runs it"
)


def test_what_is_ignored_of_prod_is_exactly_what_the_list_explains(tmp_path: Path) -> None:
    regions, _ = regions_of("prod", ROOT / "settings")
    with EmbeddedAws(regions, state=ROOT / "build" / "coverage-prod", lag_milliseconds=0) as aws:
        deploy(aws.url, "prod", regions, work=tmp_path)
        assert not_delivered(aws.url, tmp_path / "cdk.out") == set()
        found = ignored(aws.url, tmp_path / "cdk.out")
    assert sorted(found - explained()) == [], "implement it, or explain it in emulator/ignored_properties.toml"
    assert sorted(explained() - found) == [], "no longer ignored: take it off emulator/ignored_properties.toml"
