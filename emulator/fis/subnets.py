"""Subnets that are cut off: whatever a function of theirs sends there gets no answer while they are.

On AWS a network ACL or a route drops the packets, so a client waits until it gives up. Here a request is known by whose
credentials sign it, and is held until the cut ends; then its connection is reset, so that nothing that its client has
given up is done after all.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.faults.requests import headers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SIGNED = re.compile(r"Credential=(?P<key>[^/]+)/[^/]+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_LOOK_SECONDS = 0.05
ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Cut:
    """These subnets of a Region do not reach a service of a Region; `*` is any of them."""

    subnets: frozenset[str]
    service: str
    region: str


class Subnets:
    """Which functions are in which subnets, and which subnets are cut off from what."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._subnets_of: dict[str, frozenset[str]] = {}
        self.cuts: dict[int, Cut] = {}
        self.held = 0
        """How many requests were held since the beginning."""

    def install(self) -> None:
        """Learn by which credentials each function signs."""
        stock = ministack.LAMBDA_CREDENTIALS.value

        def credentials_of(config: Mapping[str, Any]) -> dict[str, str]:
            made: dict[str, str] = stock(config)
            subnets = (config.get("VpcConfig") or {}).get("SubnetIds") or []
            self._subnets_of[made["AWS_ACCESS_KEY_ID"]] = frozenset(subnets)
            return made

        ministack.LAMBDA_CREDENTIALS.replace(credentials_of)

    def cut(self, subnets: Sequence[str], *, service: str = ANY, region: str = ANY) -> Callable[[], None]:
        """Cut subnets off from a service of a Region; return what mends it."""
        number = next(self._numbers)
        self.cuts[number] = Cut(subnets=frozenset(subnets), service=service, region=region)

        def mend() -> None:
            self.cuts.pop(number, None)

        return mend

    def in_front_of(self, inner: Any, reset: Callable[[Sequence[object] | None], None]) -> Any:
        """Stand in front of an ASGI app that answers for AWS; `reset` ends a client's connection."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not self.cuts or not self._stops(scope):
                await inner(scope, receive, send)
                return
            self.held += 1
            while self._stops(scope):  # noqa: ASYNC110 - a thread ends it, and an event would need its loop
                await asyncio.sleep(_LOOK_SECONDS)
            reset(scope.get("client"))

        return app

    def _stops(self, scope: Any) -> bool:
        signed = _SIGNED.search(headers_of(scope).get("authorization", ""))
        if signed is None:
            return False
        subnets = self._subnets_of.get(signed["key"], frozenset())
        return any(
            subnets & each.subnets
            and each.service in (ANY, signed["service"])
            and each.region in (ANY, signed["region"])
            for each in list(self.cuts.values())
        )
