"""The clients of a drill: each has the API's name and keeps the answers that it got, as a fleet of hosts does."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from drills.clients.client import NamedClient
from drills.clients.resolver import CachedName, ChosenName, ResolutionError
from drills.history.events import DnsAnswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.clients.resolver import Answer, Resolution
    from drills.clients.tls import EmbeddedTls
    from drills.history.events import Event
    from operations.endpoint import Endpoint


class Fleet:
    """Clients that share a name and nothing else. Any thread may ask.

    Hosts do not begin their caches at the same moment, so each client's first answer has already been kept for a
    different part of its TTL; later ones are kept for the whole of it.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        name: str,
        question: Callable[[str], Resolution],
        *,
        clients: int,
        seed: int = 0,
        answer_seconds: float = 3,
        tls: EmbeddedTls | None = None,
        note: Callable[[Event], None] = lambda _: None,
    ) -> None:
        """Take the name, how to ask for it, and the number of clients; `seed` decides when their answers end.

        A client gives a request up after `answer_seconds`; `tls` is where an embedded AWS speaks TLS.
        `note` is given each answer of DNS as it comes.
        """
        chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
        self._endpoint, self._answer_seconds, self._tls = endpoint, answer_seconds, tls
        self._note = note
        self.names = [
            CachedName(
                name,
                question,
                first_elapsed=(number + chance.random()) / clients,
                note=partial(self._answered, number),
            )
            for number in range(clients)
        ]
        self._chosen = [ChosenName(each) for each in self.names]
        self._connected = 0

    @property
    def size(self) -> int:
        """How many clients there are."""
        return len(self.names)

    def connect(self) -> NamedClient:
        """Return the next client, beginning again with the first after the last."""
        self._connected += 1
        chosen = self._chosen[(self._connected - 1) % self.size]
        return NamedClient(self._endpoint, chosen, timeout_seconds=self._answer_seconds, tls=self._tls)

    def use(self, *names: CachedName) -> None:
        """Send every client to these names in turn; to its usual one when none is given."""
        for each in self._chosen:
            each.use(*names)

    def sent_to(self, region: str) -> int:
        """Return how many clients are sent to `region` when they ask now."""
        return sum(_region(each) == region for each in self.names)

    def _answered(self, client: int, answer: Answer) -> None:
        self._note(
            DnsAnswered(
                at=answer.at,
                client=client,
                canonical=answer.canonical,
                address=answer.address,
                ttl=answer.ttl,
                region=answer.region,
            )
        )


def _region(name: CachedName) -> str | None:
    try:
        return name.region()
    except ResolutionError:
        return None
