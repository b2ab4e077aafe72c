"""The load of a played stage: begun again at another rate as often as asked, each time on accounts of its own."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING

from drills.clients.load import OpenLoopLoad
from drills.measure.lag import LagSampler
from operations.endpoint import IMPATIENCE_SECONDS, Endpoint

if TYPE_CHECKING:
    from drills.clients.fleet import Fleet
    from drills.measure.lag import LagSample
    from drills.play.traffic import Traffic
    from operations.deployment import Deployment

ACCOUNTS = 4
LONGEST_SECONDS = 30 * 60
"""A load remembers every transaction: it ends by itself before it fills the memory of a machine that is left alone."""
DRAIN_SECONDS = 1.0
FRESH_SECONDS = 15
"""An older sample of the lag says nothing of now."""


class PlayedLoad:
    """One load at a time. Any thread may change it."""

    def __init__(self, endpoint: Endpoint, deployment: Deployment, fleet: Fleet, traffic: Traffic) -> None:
        """Take the stage, the clients that send, and where they note what they saw."""
        self._endpoint = Endpoint(endpoint.url, timeout_seconds=IMPATIENCE_SECONDS)
        self._deployment, self._fleet, self._traffic = deployment, fleet, traffic
        self._lock = threading.Lock()
        self._load: OpenLoopLoad | None = None
        self._sampler: LagSampler | None = None
        self._began = 0.0
        self.rate = 0.0
        """Transactions per second that are sent now."""
        self.accounts_begin_with = ""
        """How the names of the last load's accounts begin; empty before there was one."""

    @property
    def overdue(self) -> bool:
        """Whether the load has lasted as long as it may."""
        return self.rate > 0 and time.monotonic() - self._began > LONGEST_SECONDS

    @property
    def lag(self) -> LagSample | None:
        """How far the copies are behind now, None where no load tells."""
        samples = self._sampler.samples if self._sampler is not None else []
        return samples[-1] if samples and time.monotonic() - samples[-1].at < FRESH_SECONDS else None

    def run(self, rate: float) -> None:
        """End the load that there is and, unless `rate` is 0, begin another."""
        with self._lock:
            self._stop()
            if not rate:
                return
            name = uuid.uuid4().hex[:8]
            load = OpenLoopLoad(
                self._fleet.connect,
                rate=rate,
                run=name,
                workers=self._fleet.size,
                accounts=ACCOUNTS,
                repeat_every=0,  # nobody judges the answers of a played stage
                note=self._traffic.note,
            )
            self._sampler = LagSampler(self._endpoint, lambda: self._deployment, load.acknowledgements, rate=rate)
            self._load, self._began, self.rate = load, time.monotonic(), rate
            self.accounts_begin_with = load.accounts[0].rsplit("-", 1)[0] + "-"
            load.start()
            self._sampler.start()

    def end(self) -> None:
        """End the load."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        load, sampler = self._load, self._sampler
        self._load, self.rate = None, 0.0
        if load is not None:
            load.stop(drain_seconds=DRAIN_SECONDS)
            self._traffic.forget_waiting()
        if sampler is not None:
            sampler.stop()
