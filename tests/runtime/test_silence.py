"""A database that takes connections and says nothing: the functions give up in time to answer."""

from __future__ import annotations

import gc
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from contract.environment import LedgerAccess
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.ledger_connection import CONNECT_SECONDS, LedgerConnection
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.transactions.adapters import CALL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

API_TIMEOUT_SECONDS = 10
"""What `constructs/tandem/functions.py` gives `transactions`, and a test there holds it to."""


class Context:
    """Lambda's, of an invocation that has `seconds` left."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@contextmanager
def silent() -> Iterator[LedgerAccess]:
    """Two endpoints that accept and never answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield LedgerAccess(
            ledger_writer_host="127.0.0.1",
            ledger_reader_host="localhost",
            ledger_port=str(server.getsockname()[1]),
            ledger_database="ledger",
            ledger_user="tandem_app",
            ledger_idle_seconds=None,
        )


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # pg8000 leaves the socket of a refused start to Python
def test_a_connection_to_a_silent_database_is_given_up_before_the_invocation_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # what signs a token takes as long as a busy processor lets it, and is not what waits for the database
    monkeypatch.setattr("tandem_runtime.shared.ledger_connection.database_token", lambda *_: "token")
    deadline = Deadline()
    deadline.start(Context(1.4))
    with silent() as access:
        began = time.monotonic()
        with pytest.raises(LedgerUnavailableError):
            LedgerConnection(access, region="us-east-1", deadline=deadline).run("SELECT 1")
        assert time.monotonic() - began < 1.3
    gc.collect()


def test_both_endpoints_may_be_silent_and_an_api_request_still_has_time_for_its_answer() -> None:
    connecting = 2 * CONNECT_SECONDS
    assert connecting < API_TIMEOUT_SECONDS - 2


def test_three_tries_of_a_call_to_a_silent_service_end_before_an_api_request_does() -> None:
    longest_pauses = 1 + 2  # botocore's standard mode: at random, below one second doubled at each try
    assert 3 * CALL_SECONDS + longest_pauses < API_TIMEOUT_SECONDS - 2


def test_when_no_time_is_left_the_ledger_is_not_asked_any_more() -> None:
    deadline = Deadline()
    deadline.start(Context(0.5))
    with silent() as access, pytest.raises(LedgerUnavailableError, match="no time is left"):
        LedgerConnection(access, region="us-east-1", deadline=deadline).run("SELECT 1")


def test_the_time_that_is_left_limits_whatever_may_take_longer_and_nothing_else() -> None:
    deadline = Deadline()
    assert deadline.within(60) == 60
    deadline.start(Context(9))
    assert 7 < deadline.within(60) <= 8
    assert deadline.within(3) == 3
    deadline.start(None)
    assert deadline.within(60) == 60
