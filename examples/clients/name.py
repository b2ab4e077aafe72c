"""Where the API's name leads: the Region that serves now, and the host to connect to."""

from __future__ import annotations

import re
from dataclasses import dataclass

import dns.exception
import dns.resolver

_TARGET = re.compile(r"(?P<api>[a-z0-9-]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
_CUSTOM_DOMAIN = "d-"
"""How the target of a custom domain begins (API Gateway Developer Guide, Regional custom domain names)."""


class NoPlaceError(OSError):
    """The name has no answer, or leads to no API. An OSError, so that it is tried again as a lost connection is."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A Region, and the host by which its API is called."""

    region: str
    host: str


class ApiName:
    """The one name of the API, whose CNAME names the Region. Answers are kept for their TTL."""

    def __init__(self, name: str, *, resolver: dns.resolver.Resolver | None = None) -> None:
        """Take the name, which is the parameter `api-name` of a stage; the system's resolver asks for it."""
        self.name = name
        self._resolver = resolver or dns.resolver.Resolver()
        self._resolver.cache = dns.resolver.Cache()

    def place(self, *, fresh: bool = False) -> Place:
        """Return where it leads, asked anew if `fresh`; raises NoPlaceError.

        With a custom domain the certificate is for the name; without one it is for the Region's own host.
        """
        if fresh and self._resolver.cache is not None:
            self._resolver.cache.flush()
        try:
            answer = self._resolver.resolve(self.name, "CNAME", search=False)
        except dns.exception.DNSException as error:
            raise NoPlaceError(f"{self.name} has no answer: {error}") from error
        return place_of(self.name, answer[0].target.to_text(omit_final_dot=True).lower())


def place_of(name: str, target: str) -> Place:
    """Return what a CNAME's `target` says; raises NoPlaceError when it is no API's."""
    match = _TARGET.fullmatch(target)
    if match is None:
        raise NoPlaceError(f"{name} points at {target!r}, which is no API: correct the record")
    return Place(region=match["region"], host=name if match["api"].startswith(_CUSTOM_DOMAIN) else target)
