"""`tandem play`: an embedded AWS with a deployed stage that stays up until Ctrl-C, and the page that shows it."""

from __future__ import annotations

import contextlib
import shutil
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from contract.waiting import wait_until
from drills.embedded.isolation import ROOT
from drills.game_day import guide
from drills.play.server import served
from drills.play.stage import PlayedStage
from drills.play.timeline import Timeline
from drills.prepare import prepared_stage
from drills.progress import Progress
from operations.endpoint import ApiClient
from operations.errors import OperationError, RealAwsError
from operations.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.console import Console

    from drills.options import DrillOptions
    from drills.prepare import PreparedStage
    from operations.deployment import Regions

OK = 200
PAUSE_SECONDS = 0.1
START_SECONDS = 20
"""How long a function may take to answer for the first time."""
PORT = 4580
"""Where the page is, unless another port is asked for: fixed, so that `tandem play lose REGION` finds it."""


class BeingDeployed:
    """What is shown of a stage before there is one: the port is taken first, and who opens the page early is told."""

    def state(self) -> dict[str, Any]:
        """Raise OperationError."""
        raise OperationError("the stage is being deployed, which takes a minute or two")

    def act(self, asked: Mapping[str, Any]) -> list[str]:
        """Raise OperationError."""
        raise OperationError(f"the stage is being deployed: ask for {asked.get('do')} again in a minute or two")


def run_play(
    stage: str, regions: Regions, options: DrillOptions, *, port: int, url: str | None, console: Console
) -> int:
    """Deploy a stage and serve its page until Ctrl-C, then end what was started and remove its files; return 0.

    With `url` an embedded AWS that already runs is used and left running; the real AWS is refused. Raises
    WrongInputError when the port is taken, OperationError when the stage cannot be deployed, whose logs are left.
    """
    if url is not None and not is_loopback(url):
        raise RealAwsError(guide(url, stage, regions))
    work = ROOT / "build" / "play"
    is_up = False
    with served(port, BeingDeployed()) as server, Progress(console) as progress:
        timeline = Timeline(progress.say)
        try:
            with (
                _hang_up_ends(),
                prepared_stage(
                    stage,
                    regions,
                    url=url,
                    lag_milliseconds=options.lag_milliseconds,
                    routing_time_scale=options.routing_time_scale,
                    alarm_period_scale=options.alarm_period_scale,
                    work=work,
                    progress=progress,
                ) as ready,
                PlayedStage(ready, timeline, work=work, patience_seconds=options.patience_seconds) as played,
            ):
                with progress.phase("start the functions of both Regions"):
                    warm_up(ready, seconds=options.patience_seconds, waits=progress.show)
                server.played, is_up = played, True
                progress.say(f"open {server.url} in a browser; Ctrl-C ends everything")
                progress.say(f"or type: tandem play load{_port(port)}, tandem play lose {regions.primary}{_port(port)}")
                with progress.watching(lambda: played.line):
                    threading.Event().wait()
        except KeyboardInterrupt:
            if not is_up:
                raise
            progress.say("everything is stopped")
        shutil.rmtree(work, ignore_errors=True)
    return 0


def warm_up(ready: PreparedStage, *, seconds: float, waits: Callable[[str], None] = lambda _: None) -> None:
    """Start the functions of both Regions, as traffic does on AWS, or go on after so many seconds: the page tells.

    `waits` is told whose functions have not answered.
    """
    deadline = time.monotonic() + seconds

    def answers(client: ApiClient, region: str) -> bool:
        with contextlib.suppress(OSError):
            return client.request(region, "GET", ready.deployment.health_path(region))[0] == OK
        return False

    with ApiClient(ready.endpoint, ready.deployment.api_urls, timeout_seconds=START_SECONDS) as client:
        for region in ready.deployment.api_urls:
            waits(f"the functions of {region} have not answered yet")
            left = deadline - time.monotonic()
            wait_until(partial(answers, client, region), seconds=left, pause=PAUSE_SECONDS)
            with contextlib.suppress(OSError):
                client.request(region, "GET", "/accounts/drill-warm-up")


def _port(port: int) -> str:
    return "" if port == PORT else f" --port {port}"


@contextlib.contextmanager
def _hang_up_ends() -> Iterator[None]:
    """Have a terminal that is closed end everything as Ctrl-C does."""
    before = signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
