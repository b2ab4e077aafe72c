"""Measure how many transactions a second the embedded AWS takes: through API, function and journal into the ledger.

Clients send as fast as they are answered, more of them in each step, over the TLS that callers speak. They have signed
their requests before, so that what is measured is the embedded AWS with its functions. A step's rate counts the time
until the ledger holds the last transaction: nothing is left behind. The knee is the step of the highest rate.
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from benchmarks.result import Figure, Result
from contract.waiting import wait_until
from drills.clients.tls import tls_of
from drills.embedded.cdk import deploy
from drills.embedded.control import Control
from drills.embedded.process import EmbeddedAws
from operations.deployment import find_deployment, regions_of
from operations.endpoint import Endpoint
from operations.ledger_query import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drills.clients.tls import EmbeddedTls
    from operations.deployment import Deployment

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / "build" / "bench" / "embedded-rate"
STAGE = "staging"
ASKED = 400.0
CLIENTS = (2, 4, 8, 16)
WARM = 100
"""Requests of each client that start the environments and are not measured."""

REQUESTS = 2_000
"""Requests of a step, of all its clients together."""

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.05
CREATED = 201


@dataclass(frozen=True, kw_only=True)
class Step:
    """What so many clients achieved; rates in transactions a second, waits in milliseconds."""

    clients: int
    accepted: float
    posted: float
    median: float
    late: float


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where the API answers, and whom its callers trust."""

    address: str
    region: str
    host: str
    tls: EmbeddedTls

    def connect(self) -> http.client.HTTPSConnection:
        """Return a connection of one client."""
        port = self.tls.ports[self.region]
        connection = http.client.HTTPSConnection(self.host, port, timeout=30, context=self.tls.context)
        plain = socket.create_connection((self.address, port), 30)
        connection.sock = self.tls.context.wrap_socket(plain, server_hostname=self.host)
        return connection


def run() -> Result:
    """Deploy a stage and take each step on it."""
    regions, _ = regions_of(STAGE, ROOT / "settings")
    with (
        EmbeddedAws(regions, state=STATE, lag_milliseconds=80) as aws,
        tempfile.TemporaryDirectory(dir=ROOT / "build") as work,
    ):
        deploy(aws.url, STAGE, regions, work=Path(work))
        endpoint = Endpoint(aws.url)
        deployment = find_deployment(endpoint, STAGE, regions)
        api = str(urlsplit(deployment.api_urls[regions.primary]).hostname).partition(".")[0]
        host = f"{api}.execute-api.{regions.primary}.amazonaws.com"
        way = Way(address="127.0.1.1", region=regions.primary, host=host, tls=tls_of(Control(aws.url).state()))
        steps = [_step(endpoint, deployment, way, clients) for clients in CLIENTS]
    best = max(steps, key=lambda step: step.posted)
    figures = [Figure(name="embedded_requests_per_second", value=best.posted, unit="/s", at_least=ASKED)]
    for step in steps:
        figures.append(Figure(name=f"accepted of {step.clients} clients", value=step.accepted, unit="/s"))
        figures.append(Figure(name=f"99th percentile of {step.clients} clients", value=step.late, unit="ms"))
    report = {
        "embedded_requests_per_second": round(best.posted, 1),
        "embedded_rate": {"knee_clients": best.clients, "steps": [vars(step) for step in steps]},
    }
    return Result(report, figures)


def _step(endpoint: Endpoint, deployment: Deployment, way: Way, clients: int) -> Step:
    _send(way, [_signed(endpoint, way, WARM) for _ in range(clients)])
    requests = [_signed(endpoint, way, REQUESTS // clients) for _ in range(clients)]
    before = _posted(endpoint, deployment)
    began = time.perf_counter()
    waits = _send(way, requests)
    accepted = len(waits) / (time.perf_counter() - began)
    if not wait_until(
        lambda: _posted(endpoint, deployment) >= before + len(waits), seconds=PATIENCE_SECONDS, pause=PAUSE_SECONDS
    ):
        raise RuntimeError(f"the ledger lacks transactions {PATIENCE_SECONDS:g} s after {len(waits)} were accepted")
    posted = len(waits) / (time.perf_counter() - began)
    return Step(
        clients=clients,
        accepted=round(accepted, 1),
        posted=round(posted, 1),
        median=round(statistics.median(waits) * 1_000, 1),
        late=round(statistics.quantiles(waits, n=100)[98] * 1_000, 1),
    )


def _posted(endpoint: Endpoint, deployment: Deployment) -> int:
    """How many transactions the ledger holds, whoever sent them."""
    rows = query(endpoint, deployment, deployment.regions.primary, "SELECT count(*)::text FROM ledger.transactions")
    return int(rows[0][0])


def _signed(endpoint: Endpoint, way: Way, count: int) -> list[tuple[bytes, dict[str, str]]]:
    """Bodies and headers of transactions that nobody sent before."""
    signer = SigV4Auth(endpoint.credentials(), "execute-api", way.region)
    made = []
    for number in range(count):
        transaction: dict[str, Any] = {
            "debit_account": f"account-{number % 20}",
            "credit_account": "merchant-7",
            "amount": "12.34",
            "currency": "EUR",
        }
        body = json.dumps(transaction).encode()
        headers = {"content-type": "application/json", "idempotency-key": uuid.uuid4().hex}
        request = AWSRequest(method="POST", url=f"https://{way.host}/transactions", data=body, headers=headers)
        signer.add_auth(request)
        made.append((body, {**dict(request.headers.items()), "Host": way.host}))
    return made


def _send(way: Way, requests: Sequence[Sequence[tuple[bytes, dict[str, str]]]]) -> list[float]:
    """Send the requests of each client one after the other; return how long each was waited for, in seconds."""
    waits: list[float] = []
    refusals: list[str] = []

    def work(own: Sequence[tuple[bytes, dict[str, str]]]) -> None:
        connection = way.connect()
        for body, headers in own:
            began = time.perf_counter()
            connection.request("POST", "/transactions", body=body, headers=headers)
            response = connection.getresponse()
            answer = response.read()
            waits.append(time.perf_counter() - began)
            if response.status != CREATED:
                refusals.append(f"{response.status} {answer[:200].decode(errors='replace')}")
        connection.close()

    threads = [threading.Thread(target=work, args=(own,)) for own in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refusals or len(waits) < sum(map(len, requests)):
        raise RuntimeError(f"of {sum(map(len, requests))} requests {len(waits)} were answered: {refusals[:3]}")
    return waits
