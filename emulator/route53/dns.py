"""The DNS server: Route 53's data plane and the resolver in front of it, over UDP. No Region's loss stops it."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

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
    if packet[2] >> 3 & 0xF != dns.opcode.QUERY:
        return _bare(packet, dns.rcode.NOTIMP)
    try:
        query = dns.message.from_wire(packet)
    except (dns.exception.DNSException, ValueError):
        return _bare(packet, dns.rcode.FORMERR)
    if len(query.question) != 1:
        return _bare(packet, dns.rcode.FORMERR)
    [question] = query.question
    kind = dns.rdatatype.to_text(question.rdtype)
    if question.rdclass != dns.rdataclass.IN or kind in _REFUSED_TYPES:
        return _bare(packet, dns.rcode.REFUSED)
    return _answered(query, names.answer(question.name.to_text(), kind))


def _answered(query: dns.message.Message, outcome: Outcome) -> bytes:
    answer = dns.message.make_response(query, recursion_available=True)
    answer.use_edns(False)  # noqa: FBT003 - the library's own: an answer fits the classic datagram, or is cut
    answer.flags |= dns.flags.AA
    answer.set_rcode(dns.rcode.from_text(outcome.code))
    answer.answer += [_resource_record(each) for each in outcome.records]
    answer.authority += [_resource_record(each) for each in outcome.authority]
    try:
        return answer.to_wire(max_size=_DATAGRAM_BYTES)
    except dns.exception.TooBig:
        answer.answer, answer.authority = [], []
        answer.flags |= dns.flags.TC
        return answer.to_wire()


def _resource_record(record: Record) -> dns.rrset.RRset:
    """The record as the library has it; a name in its value is whole, whether or not it ends with a dot."""
    return dns.rrset.from_text_list(
        f"{record.name}.", record.ttl, "IN", record.type, [record.value], origin=dns.name.root, relativize=False
    )


def _bare(packet: bytes, code: dns.rcode.Rcode) -> bytes:
    """An answer of nothing but a code: the question need not be one that can be read."""
    answer = dns.message.Message(id=int.from_bytes(packet[:2], "big"))
    answer.flags |= dns.flags.QR | dns.flags.RA
    answer.set_rcode(code)
    return answer.to_wire()


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
            answer = _bare(data, dns.rcode.SERVFAIL)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)
