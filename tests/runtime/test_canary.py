from __future__ import annotations

import json
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from contract.canary import CREDIT_ACCOUNT, CURRENCY, DEBIT_ACCOUNT, LOOK_ROUTE, POST_ROUTE
from contract.metrics import CANARY_JOURNALLED, CANARY_POSTED
from contract.recovery import REACHED_AT
from tandem_runtime.canary.adapters import Observations, RegionApis
from tandem_runtime.canary.logic import Answer, arrivals, seen, transaction_of
from tandem_runtime.shared.money import format_amount, parse_amount
from tandem_runtime.shared.signs import ALIVE, LOST, LOST_SINCE, SEEN_AT, UNKNOWN
from tandem_runtime.shared.transaction import Transaction
from tandem_runtime.transactions import canary
from tandem_runtime.transactions.api import answer as answer_request
from tests.api.gateway import MemoryJournal, memory_ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE, THERE = "us-west-2", "us-east-1"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(status=201), ALIVE),
        (Answer(status=429), ALIVE),
        (Answer(status=503), LOST),
        (Answer(status=500), LOST),
        (Answer(status=403), UNKNOWN),
        (Answer(status=404), UNKNOWN),
        (Answer(status=301), UNKNOWN),
        (Answer(status=None, error=ConnectionRefusedError()), LOST),
        (Answer(status=None, error=ConnectionResetError()), LOST),
        (Answer(status=None, error=TimeoutError()), LOST),
        (Answer(status=None, error=socket.gaierror(socket.EAI_NONAME, "no such name")), LOST),
        (Answer(status=None, error=socket.gaierror(socket.EAI_AGAIN, "try again")), UNKNOWN),
        (Answer(status=None, error=ssl.SSLCertVerificationError("expired")), UNKNOWN),
        (Answer(status=None, error=OSError(101, "network is unreachable")), UNKNOWN),
        (Answer(status=None, error=ValueError("no URL")), UNKNOWN),
    ],
)
def test_only_what_a_region_does_that_is_gone_counts_as_lost(answer: Answer, state: str) -> None:
    assert seen(answer) == state


@contextmanager
def api(status: int, body: bytes = b'{"id":"1"}') -> Iterator[tuple[str, list[tuple[str, str, Mapping[str, str]]]]]:
    requests: list[tuple[str, str, Mapping[str, str]]] = []

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append((self.command, self.path, dict(self.headers)))
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the server's name

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/stage", requests
        server.shutdown()
        thread.join()


def apis(url: str) -> RegionApis:
    def sign(region: str, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        return {**headers, "authorization": f"{region} {method} {url} {body.decode()}"}

    return RegionApis(urls=lambda _: url, sign=sign)


def test_it_posts_with_a_signature_for_the_region_that_it_calls() -> None:
    with api(201) as (url, requests):
        answer = apis(url).post(THERE, "key-1")
        looked = apis(url).look(HERE, "an-id")
    assert (answer.status, answer.body) == (201, {"id": "1"})
    assert transaction_of(answer) == "1"
    (method, path, headers), (look_method, look_path, _) = requests
    assert (method, path) == ("POST", "/stage/canary")
    assert headers["idempotency-key"] == "key-1"
    assert headers["authorization"] == f"{THERE} POST {url}/canary {{}}"
    assert (look_method, look_path) == ("GET", "/stage/canary/an-id")
    assert looked.status == 201


@pytest.mark.parametrize("url", ["", "file:///etc/hostname", "None"])
def test_a_region_whose_heartbeat_names_no_url_is_unknown(url: str) -> None:
    assert seen(apis(url).post(THERE, "key")) == UNKNOWN


def test_an_api_that_refuses_or_fails_has_acknowledged_nothing() -> None:
    assert seen(apis("http://127.0.0.1:1").post(THERE, "key")) == LOST
    with api(503, b"{}") as (url, _):
        answer = apis(url).post(THERE, "key")
    assert (seen(answer), transaction_of(answer)) == (LOST, None)


def test_the_apis_own_name_is_asked_for_at_the_target_with_its_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for = []

    class Tls:
        def wrap_socket(self, plain: socket.socket, *, server_hostname: str) -> socket.socket:
            asked_for.append(server_hostname)
            return plain

    monkeypatch.setattr("tandem_runtime.canary.adapters.ssl.create_default_context", Tls)
    with api(201) as (url, requests):
        port = url.split(":")[2].partition("/")[0]
        answer = apis("").post_by_name(HERE, "key", name=f"api.tandem.example.com:{port}", target="127.0.0.1")
    assert answer.status == 201
    assert asked_for == ["api.tandem.example.com"]
    assert requests[0][2]["Host"] == f"api.tandem.example.com:{port}"


class Looks:
    """Regions that hold the transaction after some looks."""

    def __init__(self, after: Mapping[tuple[str, str], int]) -> None:
        self._after, self.asked = after, dict.fromkeys((HERE, THERE), 0)

    def look(self, region: str, transaction_id: str) -> Answer:
        assert transaction_id == "1"
        self.asked[region] += 1
        return Answer(
            status=200,
            body={name: self.asked[region] >= self._after[region, name] for name in ("journalled", "posted")},
        )


def test_each_store_is_measured_once_and_the_journal_that_took_it_not_at_all() -> None:
    now = [0.0]
    looks = Looks({(HERE, "journalled"): 2, (HERE, "posted"): 3, (THERE, "journalled"): 1, (THERE, "posted"): 1})
    found = arrivals(
        "1",
        looks,
        taken_in=THERE,
        regions=(HERE, THERE),
        clock=lambda: now[0],
        sleep=lambda seconds: now.__setitem__(0, now[0] + seconds),
        until=60.0,
    )
    assert list(found) == [
        (CANARY_POSTED, THERE, 0.0),
        (CANARY_JOURNALLED, HERE, 0.5),
        (CANARY_POSTED, HERE, 1.0),
    ]
    assert looks.asked == {HERE: 3, THERE: 1}


def test_what_does_not_arrive_in_time_is_not_measured() -> None:
    now = [0.0]
    looks = Looks(dict.fromkeys([(region, name) for region in (HERE, THERE) for name in ("journalled", "posted")], 99))
    found = arrivals(
        "1",
        looks,
        taken_in=THERE,
        regions=(HERE, THERE),
        clock=lambda: now[0],
        sleep=lambda seconds: now.__setitem__(0, now[0] + seconds),
        until=3.0,
    )
    assert list(found) == []


class ConditionalError(Exception): ...


class Table:
    """Remembers what an update was to change, and refuses what is older."""

    class exceptions:  # noqa: N801 - botocore's name
        ConditionalCheckFailedException = ConditionalError

    def __init__(self) -> None:
        self.updates: list[str] = []

    def update_item(self, *, UpdateExpression: str, ConditionExpression: str, **_: Any) -> None:  # noqa: N803 - DynamoDB's names
        assert f"{SEEN_AT} < :now" in ConditionExpression
        if len(self.updates) == 3:
            raise ConditionalError
        self.updates.append(UpdateExpression)


def test_the_time_of_a_loss_is_kept_until_the_region_is_seen_otherwise() -> None:
    table = Table()
    for state in (ALIVE, LOST, UNKNOWN, ALIVE):
        Observations(table, "table").note(THERE, state, 1.0)
    alive, lost, unknown = table.updates
    assert f"{REACHED_AT} = :now REMOVE {LOST_SINCE}" in alive
    assert f"{LOST_SINCE} = if_not_exists({LOST_SINCE}, :now)" in lost
    assert REACHED_AT not in unknown
    assert f"REMOVE {LOST_SINCE}" in unknown


def test_the_canarys_transaction_is_taken_by_a_route_of_its_own_and_looked_for_by_its_id() -> None:
    journal = MemoryJournal()
    ports = memory_ports(journal)
    caller = {"authorizer": {"iam": {"userId": "AROA:canary"}}}
    event = {"routeKey": POST_ROUTE, "requestContext": caller, "headers": {"idempotency-key": "k"}, "body": "{}"}
    first, second = (answer_request(event, ports) for _ in range(2))
    assert first["statusCode"] == 201
    assert first["body"] == second["body"]
    [item] = journal.items.values()
    transaction = Transaction.from_item(item)
    assert (transaction.debit_account, transaction.credit_account) == (DEBIT_ACCOUNT, CREDIT_ACCOUNT)
    assert (transaction.amount, transaction.currency) == (1, CURRENCY)
    looked = answer_request(
        {"routeKey": LOOK_ROUTE, "requestContext": caller, "pathParameters": {"id": transaction.transaction_id}}, ports
    )
    assert json.loads(looked["body"]) == {"journalled": True, "posted": True}


def test_what_the_journal_does_not_hold_the_ledger_is_not_asked_for() -> None:
    class Ledger:
        def holds(self, transaction_id: str) -> bool:
            raise AssertionError(transaction_id)

    absent = "00000000-0000-0000-0000-000000000000"
    assert canary.look(absent, journal=MemoryJournal(), ledger=Ledger()) == {"journalled": False, "posted": False}


def test_nobody_else_posts_in_the_canarys_currency() -> None:
    with pytest.raises(ValueError, match="must be a real one"):
        parse_amount("1", CURRENCY)
    assert format_amount(1, CURRENCY) == "1"
    assert canary.post(
        caller="c", idempotency_key="k", origin=HERE, now=datetime(2026, 1, 1, tzinfo=UTC), journal=MemoryJournal()
    )
