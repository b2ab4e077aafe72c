"""Where DNS sends the API's clients now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import dns.exception
import dns.resolver

from operations.errors import OperationError

if TYPE_CHECKING:
    from operations.endpoint import Endpoint

HOST = re.compile(r"[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
QUESTION_SECONDS = 3.0


def region_in_dns(endpoint: Endpoint, api_name: str) -> str:
    """Return the Region whose API the name points at now; raises OperationError when nobody answers for it.

    An embedded AWS is asked itself: it answers DNS over UDP at its HTTP port's number.
    """
    resolver = dns.resolver.Resolver(configure=not endpoint.embedded)
    if endpoint.embedded and endpoint.url:
        parts = urlsplit(endpoint.url)
        host = parts.hostname or ""
        resolver.nameservers = ["127.0.0.1" if host.endswith("localhost") else host]
        resolver.port = parts.port or 80
    try:
        answer = resolver.resolve(api_name, "CNAME", lifetime=QUESTION_SECONDS, search=False)
        target = answer[0].target.to_text(omit_final_dot=True).lower()
    except (dns.exception.DNSException, OSError) as error:
        raise OperationError(f"{api_name} has no answer in DNS: {error}") from error
    match = HOST.fullmatch(target)
    if match is None:
        raise OperationError(f"{api_name} points at {target!r}, which is not an API: correct the record")
    return match["region"]
