"""Clients of a fleet keep DNS answers apart from each other."""

from typing import Any

import pytest

from drills.clients.fleet import Fleet
from drills.clients.resolver import CachedName, Resolution

TTL = 30.0


class Server:
    """Answers with a Region that the test changes."""

    def __init__(self) -> None:
        self.region = "us-east-1"

    def __call__(self, name: str) -> Resolution:
        assert name == "api.example.com"
        return Resolution(canonical=f"abc.execute-api.{self.region}.amazonaws.com", address="127.0.1.1", ttl=TTL)


def test_first_answers_end_at_different_moments_and_later_ones_are_kept_whole() -> None:
    now = 0.0
    asked: list[float] = []
    server = Server()

    def question(name: str) -> Resolution:
        asked.append(now)
        return server(name)

    name = CachedName("api.example.com", question, clock=lambda: now, first_elapsed=0.75)
    for tenth in range(900):
        now = tenth / 10
        name.resolve()
    assert asked == [0.0, pytest.approx(7.5), pytest.approx(37.5), pytest.approx(67.5)]
    assert {answer.ttl for answer in name.answers} == {TTL}


def test_clients_move_one_after_another_and_each_answer_is_noted() -> None:
    server = Server()
    noted: list[Any] = []
    fleet = Fleet(None, "api.example.com", server, clients=4, seed=1, note=noted.append)  # type: ignore[arg-type]
    assert fleet.sent_to("us-east-1") == 4
    server.region = "us-west-2"
    assert fleet.sent_to("us-west-2") == 0  # every answer is kept still
    assert [(answer.client, answer.region) for answer in noted] == [(n, "us-east-1") for n in range(4)]
