"""Answers of the embedded Route 53. Run in the embedded AWS's own environment: `make unit` does."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from emulator.route53.dns import DnsServer, reply
from emulator.route53.records import Names

PRIMARY, SECONDARY = "abcd1234.execute-api.us-east-1.amazonaws.com", "ef567890.execute-api.us-west-2.amazonaws.com"
ADDRESSES = {"us-east-1": "127.0.1.1", "us-west-2": "127.0.2.1"}


def failover(role: str, target: str, check: str) -> dict[str, Any]:
    return {
        "Name": "api.tandem.example.com.",
        "Type": "CNAME",
        "TTL": "30",
        "SetIdentifier": role,
        "Failover": role,
        "HealthCheckId": check,
        "ResourceRecords": [target],
    }


ZONES: dict[str, list[dict[str, Any]]] = {
    "tandem.example.com.": [
        {"Name": "tandem.example.com.", "Type": "SOA", "TTL": "900", "ResourceRecords": ["ns. admin. 1 2 3 4 5"]},
        {"Name": "a.b.tandem.example.com.", "Type": "TXT", "TTL": "5", "ResourceRecords": ['"x"']},
        {"Name": "w.tandem.example.com.", "Type": "A", "TTL": "5", "Weight": 1, "ResourceRecords": ["192.0.2.1"]},
        {
            "Name": "loop.tandem.example.com.",
            "Type": "CNAME",
            "TTL": "5",
            "ResourceRecords": ["loop.tandem.example.com"],
        },
        failover("SECONDARY", SECONDARY, "second"),
        failover("PRIMARY", PRIMARY, "first"),
    ]
}


def names(*healthy: str) -> Names:
    return Names(lambda: ZONES, lambda check: check in healthy, ADDRESSES)


def question(name: str, kind: str = "A") -> bytes:
    return dns.message.make_query(name, kind).to_wire()


def code_of(answered: bytes) -> str:
    return dns.rcode.to_text(dns.message.from_wire(answered).rcode())


def ask(name: str, kind: str = "A", *healthy: str) -> Any:
    answered = reply(names(*healthy), question(name, kind))
    assert answered is not None
    return dns.message.from_wire(answered)


@pytest.mark.parametrize(
    ("healthy", "target", "address"),
    [
        (("first", "second"), PRIMARY, "127.0.1.1"),
        (("first",), PRIMARY, "127.0.1.1"),
        (("second",), SECONDARY, "127.0.2.1"),
        ((), PRIMARY, "127.0.1.1"),
    ],
)
def test_the_primary_answers_unless_only_the_secondary_is_healthy(
    healthy: tuple[str, ...], target: str, address: str
) -> None:
    answer = ask("API.tandem.example.com", "A", *healthy)
    assert [(dns.rdatatype.to_text(each.rdtype), each.ttl, each[0].to_text()) for each in answer.answer] == [
        ("CNAME", 30, f"{target}."),
        ("A", 60, address),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "code", "authority"),
    [
        ("nothing.tandem.example.com", "A", "NXDOMAIN", 1),
        ("b.tandem.example.com", "A", "NOERROR", 1),
        ("a.b.tandem.example.com", "A", "NOERROR", 1),
        ("api.tandem.example.com", "AAAA", "NOERROR", 0),
        ("example.org", "A", "NXDOMAIN", 0),
        ("abcd1234.execute-api.eu-west-1.amazonaws.com", "A", "NXDOMAIN", 0),
        ("w.tandem.example.com", "A", "SERVFAIL", 1),
        ("loop.tandem.example.com", "A", "SERVFAIL", 0),
        ("tandem.example.com", "ANY", "REFUSED", 0),
    ],
)
def test_what_cannot_be_answered_says_why(name: str, kind: str, code: str, authority: int) -> None:
    answer = ask(name, kind)
    assert (dns.rcode.to_text(answer.rcode()), len(answer.authority)) == (code, authority)
    assert not [each for each in answer.answer if each.rdtype == dns.rdatatype.A]


def test_a_question_of_a_type_that_nobody_knows_is_answered_with_nothing() -> None:
    packet = bytearray(question("tandem.example.com"))
    packet[-4:-2] = (65280).to_bytes(2, "big")
    answered = reply(names(), bytes(packet))
    assert answered is not None
    assert code_of(answered) == "NOERROR"


RESPONSE = dns.message.make_response(dns.message.make_query("x", "A")).to_wire()


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\xff" * 11, RESPONSE])
def test_what_is_no_question_gets_no_answer(packet: bytes) -> None:
    assert reply(names(), packet) is None


@pytest.mark.parametrize(
    "packet", [b"\x12\x34" + b"\x00" * 10, b"\x12\x34\x01\x00\x00\x01" + b"\x00" * 6 + b"\xc0\x0c"]
)
def test_a_malformed_question_is_answered_as_such(packet: bytes) -> None:
    answered = reply(names(), packet)
    assert answered is not None
    assert (dns.message.from_wire(answered).id, code_of(answered)) == (0x1234, "FORMERR")


def test_another_operation_than_a_question_is_not_implemented() -> None:
    packet = bytearray(question("tandem.example.com"))
    packet[2] |= 5 << 3  # UPDATE (RFC 2136)
    answered = reply(names(), bytes(packet))
    assert answered is not None
    assert code_of(answered) == "NOTIMP"


def test_an_answer_that_no_datagram_holds_is_cut_and_says_so() -> None:
    values = [f'"{number:03}{"x" * 200}"' for number in range(4)]
    long = {"Name": "long.tandem.example.com.", "Type": "TXT", "TTL": "5", "ResourceRecords": values}
    answered = reply(
        Names(lambda: {"tandem.example.com.": [long]}, bool, ADDRESSES), question("long.tandem.example.com", "TXT")
    )
    assert answered is not None
    assert len(answered) <= 512
    assert dns.message.from_wire(answered).flags & dns.flags.TC


class Transport:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendto(self, data: bytes, _address: object) -> None:
        self.sent.append(data)


def test_a_packet_that_breaks_an_answer_does_not_stop_the_server() -> None:
    def broken() -> dict[str, list[dict[str, Any]]]:
        raise RuntimeError

    server, transport = DnsServer(Names(broken, lambda _check: True, ADDRESSES)), Transport()
    server.connection_made(transport)  # type: ignore[arg-type]
    for _ in range(2):
        server.datagram_received(question("tandem.example.com"), ("127.0.0.1", 1))
    assert [code_of(each) for each in transport.sent] == ["SERVFAIL", "SERVFAIL"]
