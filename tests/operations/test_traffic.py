"""Where DNS sends clients, asked of a server on this machine."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dns.message
import dns.rcode
import dns.rrset
import pytest

from operations.endpoint import Endpoint
from operations.errors import OperationError
from operations.traffic import region_in_dns

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "api.example.net"


@contextmanager
def server(target: str | None) -> Iterator[str]:
    """Answer one question with a CNAME, or with NXDOMAIN; yields the URL at whose port it listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)

        def answer() -> None:
            data, client = listening.recvfrom(4096)
            question = dns.message.from_wire(data)
            response = dns.message.make_response(question)
            if target is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
            else:
                response.answer.append(dns.rrset.from_text(f"{NAME}.", 30, "IN", "CNAME", f"{target}."))
            listening.sendto(response.to_wire(), client)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_the_region_is_that_of_the_api_that_the_name_points_at() -> None:
    with server("d-1a2b.execute-api.us-west-2.amazonaws.com") as url:
        assert region_in_dns(Endpoint(url), NAME) == "us-west-2"


@pytest.mark.parametrize(("target", "named"), [(None, "has no answer in DNS"), ("www.example.com", "is not an API")])
def test_a_name_that_leads_to_no_api_is_an_error(target: str | None, named: str) -> None:
    with server(target) as url, pytest.raises(OperationError, match=named):
        region_in_dns(Endpoint(url), NAME)
