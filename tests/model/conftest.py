from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from operations.deployment import Regions
from tandem_runtime.shared.clients import database_token
from tests.model.regions import SHARDS, Aws
from tests.sql.database import Pair, pair

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_LAG_MILLISECONDS = 20
"""Longer than from one call to the next. An interval of a run waits for it, and a drill's second would be an hour."""


@pytest.fixture(scope="session")
def aws(worker_id: str) -> Iterator[Aws]:
    # below build/, which the databases' user can reach
    state = ROOT / "build" / "tests" / f"model-{worker_id}" / "emulator"
    with EmbeddedAws(
        Regions(), state=state, lag_milliseconds=0, read_lag_milliseconds=READ_LAG_MILLISECONDS, shards=SHARDS
    ) as made:
        yield Aws(made.url)


@pytest.fixture(scope="session")
def ledger_pair() -> Iterator[Pair]:
    """A pair that runs may promote and kill: each puts it back."""
    with pytest.MonkeyPatch.context() as patch, pair() as made:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("SSL_CERT_FILE", str(made.authority))
        # a replica's sweeper connects anew each minute, and signing would be a sixth of what a run takes
        patch.setattr("tandem_runtime.shared.ledger_connection.database_token", cache(database_token))
        made.standby.follow(made.writer, 0.0)
        yield made
