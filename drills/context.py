"""What every phase of a drill works with."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from contract.parameters import API_URL
from contract.waiting import wait_until
from drills.clients.fleet import Fleet
from drills.clients.load import OpenLoopLoad
from drills.clients.resolver import CachedName, ask
from drills.clients.tls import tls_of
from drills.history.events import PhaseBegan, PhaseEnded
from drills.measure.lag import LagSampler
from drills.measure.machine import Machine
from drills.measure.missing import routing
from drills.progress import ended
from operations.endpoint import Endpoint
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drills.clients.load import Transaction
    from drills.embedded.control import Control
    from drills.history.history import History
    from drills.options import DrillOptions
    from operations.deployment import Deployment

POLL_SECONDS = 0.1
TOLD_SECONDS = 1.0
CLIENTS = 12
LAG_TIMEOUT_SECONDS = 5


class Stacks(Protocol):
    """Deploys and destroys single stacks of the stage."""

    def deploy(self, *stacks: str) -> None:
        """Deploy these stacks and nothing they depend on."""
        ...

    def destroy(self, stack: str) -> None:
        """Destroy one stack."""
        ...


class DrillContext:
    """One deployed stage of an embedded AWS, clients that use it, and the history so far."""

    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Deployment,
        control: Control,
        options: DrillOptions,
        *,
        history: History,
        run: str,
        say: Callable[[str], None],
        over: Callable[[str], None] = lambda _: None,
        stacks: Stacks | None = None,
        strong: bool = False,
    ) -> None:
        """Take the stage, the embedded AWS's control, the name of this run, and whether the journal is strong.

        The phases note what happens in `history`. `say` is told what begins, and `over` that it has
        ended.
        """
        self.endpoint = endpoint
        self.deployment = deployment
        self.control = control
        self.options = options
        self.run = run
        self.say, self._over = say, over
        self.strong = strong
        self.primary, self.secondary = deployment.regions.both
        self._stacks = stacks
        state = control.state()
        self._question = ask(state["dns"], ttl_scale=state["routing_time_scale"])
        self.clients = Fleet(
            endpoint,
            deployment.api_name,
            self._question,
            clients=CLIENTS,
            seed=options.seed,
            answer_seconds=options.answer_seconds,
            tls=tls_of(state),
            note=history.append,
        )
        self.load = OpenLoopLoad(
            self.clients.connect,
            rate=options.rate,
            run=run,
            seed=options.seed,
            workers=self.clients.size,
            note=history.append,
        )
        self.lag = LagSampler(
            Endpoint(endpoint.url, timeout_seconds=LAG_TIMEOUT_SECONDS),
            lambda: self.deployment,
            self.load.acknowledgements,
            rate=options.rate,
            note=history.append,
        )
        self.machine = Machine(note=history.append)
        self.current_phase = ""
        self.missing = ""
        """What is waited for, as it was told last; empty where nothing is."""
        self.history = history

    @property
    def stacks(self) -> Stacks:
        """Deploys single stacks; raises OperationError where the drill was given nothing to deploy with."""
        if self._stacks is None:
            raise OperationError("this scenario deploys stacks: run it without --endpoint-url")
        return self._stacks

    def all_clients_use(self, region: str) -> bool:
        """Say whether every client is sent to `region` when it asks for the API's name now."""
        return self.clients.sent_to(region) == self.clients.size

    def any_client_uses(self, region: str) -> bool:
        """Say whether one client at least is sent to `region` when it asks for the API's name now."""
        return self.clients.sent_to(region) > 0

    def name_in(self, region: str) -> CachedName:
        """Return the name that the Region's API has of its own, whatever the API's one name leads to."""
        # the URL that MiniStack gives an API names localhost; the id is the same, and DNS answers to the name on AWS
        api = str(urlsplit(self.deployment.get(region, API_URL)).hostname).partition(".")[0]
        return CachedName(f"{api}.execute-api.{region}.amazonaws.com", self._question)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Record a phase and say its name."""
        self.say(name)
        self.current_phase, self.missing = name, ""
        began = time.monotonic()
        self.history.append(PhaseBegan(at=began, name=name))
        try:
            yield
        finally:
            at = time.monotonic()
            self.history.append(PhaseEnded(at=at, name=name))
            self.missing = ""
            self._over(ended(name, at - began))

    def say_below(self, line: str) -> None:
        """Say a line that belongs to the phase."""
        self.say(f"  {line}")

    def waits(self, line: str) -> None:
        """Take what is waited for now, from whoever waits."""
        self.missing = line

    def wait(
        self,
        condition: Callable[[], bool],
        otherwise: str,
        *,
        seconds: float | None = None,
        missing: Callable[[], str] | None = None,
    ) -> None:
        """Wait until `condition` holds; raises OperationError with `otherwise` when patience, or `seconds`, end.

        `missing` says meanwhile what is not there yet, about once a second, and the error ends with it.
        """
        limit = self.options.patience_seconds if seconds is None else seconds
        told_at = -math.inf

        def holds() -> bool:
            nonlocal told_at
            if condition():
                return True
            if missing is not None and time.monotonic() - told_at >= TOLD_SECONDS:
                self.waits(missing())
                told_at = time.monotonic()
            return False

        if not wait_until(holds, seconds=limit, pause=POLL_SECONDS):
            raise OperationError(f"{otherwise} within {limit:.0f} s" + (f" ({missing()})" if missing else ""))

    def wait_for_clients(self, condition: Callable[[], bool], otherwise: str, *, region: str) -> None:
        """Wait until clients are sent to `region` as the condition says, and tell what Route 53 and DNS lack for it."""
        self.wait(
            condition,
            otherwise,
            missing=lambda: routing(
                self.control.state(), to=region, sent=self.clients.sent_to(region), clients=self.clients.size
            ),
        )

    def acknowledged(self) -> list[Transaction]:
        """Return what was acknowledged so far."""
        return self.load.acknowledged()
