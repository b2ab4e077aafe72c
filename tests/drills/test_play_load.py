"""The load of a played stage is begun again at will, and ends by itself."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Self, cast

import drills.play.load
from drills.play.load import LONGEST_SECONDS, PlayedLoad
from drills.play.traffic import Traffic
from operations.deployment import Deployment, Regions
from operations.endpoint import Endpoint
from tests.drills.played import PRIMARY, REGIONS

if TYPE_CHECKING:
    import pytest

    from drills.clients.fleet import Fleet

DEPLOYMENT = Deployment(stage="staging", regions=Regions(), parameters={})


class Clients:
    """Clients whose every transaction is acknowledged at once."""

    size = 2

    def __init__(self) -> None:
        self.accounts: set[str] = set()
        self.some = threading.Event()

    def connect(self) -> Self:
        return self

    def request(self, _: str, __: str, *, body: bytes, headers: dict[str, str]) -> tuple[str, int, bytes]:
        self.accounts.add(json.loads(body)["debit_account"])
        self.some.set()
        return PRIMARY, 201, json.dumps({"id": headers["idempotency-key"]}).encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def played(clients: Clients, traffic: Traffic) -> PlayedLoad:
    return PlayedLoad(Endpoint("http://127.0.0.1:1"), DEPLOYMENT, cast("Fleet", clients), traffic)


def test_each_load_has_accounts_of_its_own_and_another_rate_ends_the_one_before() -> None:
    clients, traffic = Clients(), Traffic(REGIONS)
    load = played(clients, traffic)
    assert (load.rate, load.accounts_begin_with, load.lag) == (0, "", None)
    beginnings = []
    for rate in (50.0, 100.0):
        clients.some.clear()
        clients.accounts.clear()
        load.run(rate)
        assert clients.some.wait(10)
        assert load.rate == rate
        beginnings.append(load.accounts_begin_with)
    load.run(0)
    assert load.rate == 0
    assert len(set(beginnings)) == 2
    assert all(account.startswith(beginnings[1]) for account in clients.accounts)
    now: Any = traffic.seen(0.0)
    assert now.acknowledged > 0
    assert now.waiting == 0
    load.end()


def test_a_load_that_is_left_alone_is_overdue_after_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = Clients()
    load = played(clients, Traffic(REGIONS))
    assert not load.overdue
    load.run(20)
    try:
        assert not load.overdue
        monkeypatch.setattr(drills.play.load, "LONGEST_SECONDS", -1)
        assert load.overdue
    finally:
        load.end()
    assert not load.overdue
    assert LONGEST_SECONDS == 1800
