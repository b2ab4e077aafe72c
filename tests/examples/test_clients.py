"""The examples' clients find the Region that serves, sign for it, and repeat the key whenever they send again."""

from __future__ import annotations

import json
import re

import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from botocore.credentials import Credentials

from examples.clients.exchange import Reply, Request
from examples.clients.iam import IamClient
from examples.clients.jwt import JwtClient
from examples.clients.name import ApiName, NoPlaceError, Place, place_of
from examples.clients.retry import ATTEMPTS, NoAnswerError, until_answered

NAME = "api.tandem.example.com"
PRIMARY = Place(region="us-east-1", host="a1.execute-api.us-east-1.amazonaws.com")
SECONDARY = Place(region="us-west-2", host="b2.execute-api.us-west-2.amazonaws.com")
TRANSACTION = {"debit_account": "alice", "credit_account": "bob", "amount": "12.34", "currency": "EUR"}
CREATED = Reply(status=201, body=b"{}")


class Dns:
    """A name that leads to the first place until it is asked anew."""

    def __init__(self, *places: Place) -> None:
        self.places = list(places)

    def place(self, *, fresh: bool = False) -> Place:
        if fresh and len(self.places) > 1:
            self.places.pop(0)
        return self.places[0]


class Server:
    """Answers from a list, and keeps what it was sent."""

    def __init__(self, *answers: Reply | Exception) -> None:
        self.answers, self.requests = list(answers), list[Request]()

    def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self) -> set[str]:
        return {request.headers["Idempotency-Key"] for request in self.requests}

    @property
    def signed_for(self) -> list[str]:
        scopes = [
            re.search(r"Credential=a/\d+/([^/]+)/execute-api", each.headers["Authorization"]) for each in self.requests
        ]
        return [scope[1] for scope in scopes if scope]


def client(server: Server, *places: Place) -> IamClient:
    return IamClient(
        Dns(*places),
        Credentials("a", "b"),
        exchange=server,
        retry=lambda send: until_answered(send, sleep=lambda _: None),
    )


def test_a_signature_is_for_the_region_that_the_name_leads_to() -> None:
    server = Server(CREATED)
    assert client(server, SECONDARY).post(TRANSACTION, key="k1") == CREATED
    [request] = server.requests
    assert (request.host, server.signed_for) == (SECONDARY.host, [SECONDARY.region])
    assert json.loads(request.body) == TRANSACTION


def test_after_a_403_the_name_is_asked_anew_and_the_request_signed_again() -> None:
    server = Server(Reply(status=403, body=b""), CREATED)
    assert client(server, PRIMARY, SECONDARY).post(TRANSACTION, key="k1") == CREATED
    assert server.signed_for == [PRIMARY.region, SECONDARY.region]
    assert server.keys == {"k1"}


def test_a_second_403_is_the_answer() -> None:
    refused = Reply(status=403, body=b"")
    server = Server(refused, refused)
    assert client(server, PRIMARY, SECONDARY).post(TRANSACTION, key="k1") == refused
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "failure",
    [ConnectionRefusedError(), TimeoutError(), *(Reply(status=each, body=b"") for each in (408, 429, 500, 503))],
)
def test_what_may_still_come_true_is_sent_again_with_the_same_key(failure: Reply | Exception) -> None:
    server = Server(failure, failure, CREATED)
    assert client(server, PRIMARY).post(TRANSACTION, key="k1") == CREATED
    assert (len(server.requests), server.keys) == (3, {"k1"})
    assert len({request.body for request in server.requests}) == 1


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_another_attempt_would_not_change_is_the_answer(status: int) -> None:
    server = Server(Reply(status=status, body=b""))
    assert client(server, PRIMARY).post(TRANSACTION, key="k1").status == status


def test_who_is_never_answered_is_told_to_send_it_again_with_the_same_key() -> None:
    pauses: list[float] = []
    server = Server(*[TimeoutError()] * ATTEMPTS)
    with pytest.raises(NoAnswerError, match="with the same key"):
        until_answered(lambda: server(Request(host="h", method="POST", path="/")), sleep=pauses.append)
    assert len(pauses) == ATTEMPTS - 1
    assert sum(pauses) > 40, "DNS moves within about a minute, half of which is the least that the pauses come to"


def test_a_token_is_kept_and_replaced_once_it_has_expired() -> None:
    tokens = iter(["first", "second"])
    server = Server(CREATED, Reply(status=401, body=b""), CREATED)
    jwt = JwtClient(NAME, lambda: next(tokens), exchange=server)
    assert jwt.post(TRANSACTION, key="k1") == jwt.post(TRANSACTION, key="k2") == CREATED
    assert [each.headers["Authorization"] for each in server.requests] == [
        "Bearer first",
        "Bearer first",
        "Bearer second",
    ]
    assert {each.host for each in server.requests} == {NAME}


def test_a_new_token_that_is_refused_is_the_answer() -> None:
    server = Server(Reply(status=401, body=b""))
    assert JwtClient(NAME, lambda: "bad", exchange=server).post(TRANSACTION, key="k1").status == 401


def test_the_host_is_the_name_where_there_is_a_custom_domain() -> None:
    assert place_of(NAME, "d-1.execute-api.us-west-2.amazonaws.com") == Place(region="us-west-2", host=NAME)
    assert place_of(NAME, SECONDARY.host) == SECONDARY
    with pytest.raises(NoPlaceError, match="is no API: correct the record"):
        place_of(NAME, "www.example.com")


class Resolver(dns.resolver.Resolver):
    """Answers from a list what its cache does not hold."""

    def __init__(self, *targets: str) -> None:
        super().__init__(configure=False)
        self.targets = list(targets)

    def resolve(self, *_: object, **__: object) -> dns.resolver.Answer:
        question = (dns.name.from_text(NAME), dns.rdatatype.CNAME, dns.rdataclass.IN)
        assert self.cache is not None
        kept: dns.resolver.Answer | None = self.cache.get(question)
        if kept is None:
            record = dns.rrset.from_text(question[0], 30, "IN", "CNAME", f"{self.targets.pop(0)}.")
            response = dns.message.make_response(dns.message.make_query(*question))
            assert isinstance(response, dns.message.QueryMessage)
            response.answer.append(record)
            response = dns.message.from_wire(response.to_wire())  # which files the record where a resolver looks for it
            assert isinstance(response, dns.message.QueryMessage)
            kept = dns.resolver.Answer(*question, response)
            self.cache.put(question, kept)
        return kept


def test_an_answer_is_kept_until_it_is_asked_for_anew() -> None:
    name = ApiName(NAME, resolver=Resolver(PRIMARY.host, SECONDARY.host))
    assert [name.place(), name.place(), name.place(fresh=True), name.place()] == [
        PRIMARY,
        PRIMARY,
        SECONDARY,
        SECONDARY,
    ]
