from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sql.database import Pair, pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tandem_runtime.shared.ledger_connection import LedgerConnection


@pytest.fixture(scope="session")
def _credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield


@pytest.fixture(scope="session")
def servers(_credentials: None) -> Iterator[Pair]:
    """One pair for all tests that do not change who is who; each takes a database of its own."""
    with pair() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.authority))
        made.standby.follow(made.writer, 0.0)
        yield made


@pytest.fixture
def own_servers(_credentials: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """A pair that the test may promote and kill."""
    with pair() as made:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
        made.standby.follow(made.writer, 0.0)
        yield made


@pytest.fixture
def database(servers: Pair) -> str:
    return servers.fresh()


@pytest.fixture
def ledger(servers: Pair, database: str) -> Iterator[LedgerConnection]:
    """The functions' connection to an empty ledger."""
    connection = servers.connect(servers.writer, database)
    yield connection
    connection.close()
