"""One deployed stage that all rows of the table change in turn: each row leaves a stage that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drills.embedded.process import EmbeddedAws
from tests.changes.stage import REGIONS, ROOT, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def staging() -> Iterator[Stage]:
    """Staging as its settings have it, but without a domain, which one of the rows adopts."""
    folder = ROOT / "build" / "tests" / "changes"
    with EmbeddedAws(REGIONS, state=folder / "emulator", lag_milliseconds=80) as aws:
        stage = Stage(aws.url, "staging", folder / "work")
        stage.change((r'\[domain\]\nname = "[^"]*"\n', ""))
        stage.first()
        stage.post(count=3)
        stage.assert_nothing_is_lost()
        yield stage
