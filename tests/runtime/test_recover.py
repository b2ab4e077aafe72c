from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tandem_runtime.health.logic import own_endpoint
from tandem_runtime.recover.logic import Signals, recover
from tandem_runtime.recover.ports import Primary

if TYPE_CHECKING:
    from collections.abc import Iterator


class Recovery:
    """Says whether the primary writes, and remembers what was done."""

    def __init__(self, *, primary_writes: bool = True, refusal: str = "") -> None:
        self.done: list[str] = []
        self._primary_writes, self._refusal = primary_writes, refusal

    def primary_is_writer(self) -> bool:
        return self._primary_writes

    def take_over(self) -> str:
        self.done.append("take over")
        return self._refusal

    def start(self) -> str:
        self.done.append("start")
        return "plan execution 1"


def test_both_signals_and_a_primary_that_writes_start_the_recovery_with_traffic_first() -> None:
    recovery = Recovery()
    decision = recover(Signals(120.0, lambda: False), recovery)
    assert decision == {"started": True, "takeover": "set", "by": "plan execution 1"}
    assert recovery.done == ["take over", "start"]


def test_a_switch_that_cannot_be_set_does_not_keep_the_ledger_where_it_is() -> None:
    recovery = Recovery(refusal="throttled")
    assert recover(Signals(120.0, lambda: False), recovery)["takeover"] == "throttled"
    assert recovery.done == ["take over", "start"]


@pytest.mark.parametrize(
    ("signals", "primary_writes", "because"),
    [
        (Signals(None, lambda: False), True, "heartbeat"),
        (Signals(5.0, lambda: False), True, "heartbeat"),
        (Signals(120.0, lambda: True), True, "endpoint answers"),
        (Signals(120.0, lambda: False), False, "not the writer"),
    ],
)
def test_one_sign_of_life_is_enough_to_leave_things_as_they_are(
    signals: Signals, *, primary_writes: bool, because: str
) -> None:
    recovery = Recovery(primary_writes=primary_writes)
    decision = recover(signals, recovery)
    assert decision["started"] is False
    assert because in str(decision["because"])
    assert recovery.done == []


@contextmanager
def endpoint(status: int) -> Iterator[str]:
    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/stage/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/stage"


@pytest.mark.parametrize(("status", "alive"), [(200, True), (503, False)])
def test_the_primary_is_probed_at_the_url_that_its_heartbeat_carries(status: int, *, alive: bool) -> None:
    with endpoint(status) as url:
        assert Primary(url).answers() is alive


@pytest.mark.parametrize("url", ["", "file:///etc/hostname", "http://127.0.0.1:1"])
def test_what_is_no_endpoint_or_refuses_does_not_answer(url: str) -> None:
    assert Primary(url).answers() is False


def test_a_heartbeat_carries_the_apis_own_url_and_never_the_name_that_was_asked() -> None:
    request = {"requestContext": {"domainName": "api.tandem.example.com"}}
    assert own_endpoint({**request, "stageVariables": {"endpoint": "https://a.example"}}) == "https://a.example"
    assert own_endpoint({**request, "stageVariables": None}) == ""
    assert own_endpoint({}) == ""
