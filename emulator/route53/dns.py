"""The DNS server: Route 53's data plane and the resolver in front of it, over UDP. No Region's loss stops it."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any

from dnslib import CLASS, OPCODE, QTYPE, RCODE, RR, DNSError, DNSHeader, DNSRecord

if TYPE_CHECKING:
    from emulator.route53.records import Names, Outcome, Record

_HEADER_BYTES = 12
_RESPONSE_BIT = 0x80
_DATAGRAM_BYTES = 512
_REFUSED_TYPES = ("ANY", "AXFR", "IXFR")

logger = logging.getLogger(__name__)


def reply(names: Names, packet: bytes) -> bytes | None:
    """Answer a packet; None for what deserves no answer: fragments of a header, and responses (RFC 1035, 7.3)."""
    if len(packet) < _HEADER_BYTES or packet[2] & _RESPONSE_BIT:
        return None
    try:
        question = DNSRecord.parse(packet)
    except (DNSError, ValueError, IndexError, UnicodeError):
        return _bare(packet, RCODE.FORMERR)
    if question.header.opcode != OPCODE.QUERY:
        return _bare(packet, RCODE.NOTIMP)
    if len(question.questions) != 1:
        return _bare(packet, RCODE.FORMERR)
    kind = str(QTYPE.get(question.q.qtype))
    if question.q.qclass != CLASS.IN or kind in _REFUSED_TYPES:
        return _bare(packet, RCODE.REFUSED)
    return _answered(question, names.answer(str(question.q.qname), kind))


def _answered(question: Any, outcome: Outcome) -> bytes:
    answer = question.reply(ra=1, aa=1)
    answer.header.rcode = getattr(RCODE, outcome.code)
    for each in outcome.records:
        answer.add_answer(*_resource_records(each))
    for each in outcome.authority:
        answer.add_auth(*_resource_records(each))
    packed: bytes = answer.pack()
    if len(packed) > _DATAGRAM_BYTES:
        packed = answer.truncate().pack()
    return packed


def _resource_records(record: Record) -> list[Any]:
    return list(RR.fromZone(f"{record.name}. {record.ttl} IN {record.type} {record.value}"))


def _bare(packet: bytes, code: int) -> bytes:
    number = int.from_bytes(packet[:2], "big")
    packed: bytes = DNSRecord(DNSHeader(id=number, qr=1, ra=1, rcode=code)).pack()
    return packed


class DnsServer(asyncio.DatagramProtocol):
    """Listens on a UDP port and answers every packet by itself."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None

    async def listen(self, address: str, port: int) -> None:
        """Open the port; raises `OSError` when it is taken."""
        bound = socket.socket(type=socket.SOCK_DGRAM)
        try:
            bound.bind((address, port))
        except OSError:
            bound.close()
            raise  # as it is: uvloop's own says no reason
        bound.setblocking(False)  # noqa: FBT003 - the standard library's own
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=bound)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment] # a datagram endpoint's

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Answer; whatever one packet does wrong, the next is answered."""
        try:
            answer = reply(self._names, data)
        except Exception:
            logger.exception("a DNS question could not be answered")
            answer = _bare(data, RCODE.SERVFAIL)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)
