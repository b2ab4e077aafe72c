"""A name's answers: asked of the DNS server over UDP, or of the system's, and kept for as long as they may be."""

from __future__ import annotations

import itertools
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HOST = re.compile(r"[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
QUESTION_SECONDS = 3.0


class ResolutionError(OSError):
    """The name has no answer now. An OSError, as the standard library's own is."""


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What the server said: the name at the end of the chain, its address, and the chain's least TTL in seconds."""

    canonical: str
    address: str
    ttl: float


@dataclass(frozen=True, kw_only=True)
class Answer(Resolution):
    """An answer and when it came (`time.monotonic()` seconds)."""

    at: float

    @property
    def region(self) -> str:
        """The Region that the canonical name names; raises ResolutionError when it is not an API's."""
        match = HOST.fullmatch(self.canonical)
        if match is None:
            raise ResolutionError(f"{self.canonical!r} is not the name of an API: point the record at one")
        return match["region"]


def ask(server: Mapping[str, Any] | None, *, ttl_scale: float = 1.0) -> Callable[[str], Resolution]:
    """Return how to ask `server` (`address` and `port`), None for the system's; it raises ResolutionError.

    TTLs are multiplied by `ttl_scale`, which is 1 but for drills that run faster than real time.
    """
    resolver = dns.resolver.Resolver(configure=server is None)
    if server is not None:
        resolver.nameservers = [str(server["address"])]
        resolver.port = int(server["port"])

    def question(name: str) -> Resolution:
        try:
            answer = resolver.resolve(name, "A", lifetime=QUESTION_SECONDS, search=False)
        except dns.exception.DNSException as error:
            raise ResolutionError(f"{name} has no address: {error}") from error
        chain = answer.chaining_result
        return Resolution(
            canonical=chain.canonical_name.to_text(omit_final_dot=True).lower(),
            address=answer[0].to_text(),
            ttl=float(chain.minimum_ttl) * ttl_scale,
        )

    return question


class CachedName:
    """One name, as a client that honours TTLs sees it. Every answer is recorded. Any thread may ask."""

    def __init__(
        self,
        name: str,
        question: Callable[[str], Resolution],
        *,
        clock: Callable[[], float] = time.monotonic,
        first_elapsed: float = 0.0,
        note: Callable[[Answer], None] = lambda _: None,
    ) -> None:
        """Take the name, how to ask for it, and the clock that TTLs run by.

        The first answer comes from a resolver that has kept it for the share `first_elapsed` (0 to 1) of its TTL.
        `note` is given each answer as it comes.
        """
        self.name = name
        self._note = note
        self._left = 1.0 - first_elapsed
        self._until = 0.0
        self._question, self._clock = question, clock
        self._lock = threading.Lock()
        self.answers: list[Answer] = []

    def resolve(self) -> Answer:
        """Return the answer, asked anew when the last one is older than its TTL; raises ResolutionError."""
        with self._lock:
            if self.answers and self._clock() < self._until:
                return self.answers[-1]
            resolution = self._question(self.name)
            answer = Answer(
                canonical=resolution.canonical, address=resolution.address, ttl=resolution.ttl, at=self._clock()
            )
            answer.region  # noqa: B018 - an answer that names no API is none
            self._until, self._left = answer.at + answer.ttl * self._left, 1.0
            self.answers.append(answer)
            self._note(answer)
            return answer

    def region(self) -> str:
        """Return the Region that a client asking now is sent to; raises ResolutionError."""
        return self.resolve().region


class ChosenName:
    """The name that clients look up: the usual one, or each of those that `use` is given, in turn.

    Any thread may call it.
    """

    def __init__(self, usual: CachedName) -> None:
        """Take the usual name."""
        self.usual = usual
        self._turns: Iterator[CachedName] = itertools.repeat(usual)

    @property
    def name(self) -> str:
        """The usual name, which a custom domain's certificate is for."""
        return self.usual.name

    def use(self, *names: CachedName) -> None:
        """Send clients to these names in turn; to the usual one when none is given."""
        self._turns = itertools.cycle(names) if names else itertools.repeat(self.usual)

    def resolve(self) -> Answer:
        """Return the answer for the name whose turn it is; raises ResolutionError."""
        return next(self._turns).resolve()
