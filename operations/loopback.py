"""What "embedded" means: an AWS that listens on this machine's loopback. This module alone decides it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

NO_PROXY = "localhost,.localhost,127.0.0.0/8,127.0.0.1,::1"
"""What a child process must ask directly. The CDK CLI and Python read such lists differently, so each form is there."""


def is_loopback(url: str) -> bool:
    """Say whether the URL's host is a loopback address, or a name that can be nothing else (RFC 6761, 6.3: localhost).

    The host is parsed and never compared by how it begins: `127.example.com` is anybody's.
    """
    host = _host(url)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:127.0.0.1
    return bool((mapped or address).is_loopback)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:  # no URL at all
        return ""
