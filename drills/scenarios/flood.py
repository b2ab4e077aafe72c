"""A stranger floods the primary Region's API with requests for paths that anybody can guess: DNS must not move."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract.checks import HEALTH_PATH
from drills.history.seen import FloodEnded
from operations.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drills.clients.resolver import Answer
    from drills.context import DrillContext

RATE = 250
"""Requests a second, of which the path that everybody knows gets three in five: more than the 100 that the route of
the health checks is refilled with."""
RESULTS = 3
"""As many results of the check are waited for as would move DNS if they were bad."""
_ANSWER_SECONDS = 5.0


def guesses(checked: Iterable[str]) -> list[str]:
    """Return the paths that a stranger tries, without those that the health checks ask.

    Where the checked path is the one that everybody knows, a flood of it takes the checkers' share of its throttle:
    nothing but another path helps against that, so it is not what is tried here.
    """
    tries = (HEALTH_PATH, f"{HEALTH_PATH}/{secrets.token_hex(8)}", f"/{secrets.token_hex(8)}")
    asked = set(checked)
    return [path for path in tries if path not in asked]


def flood(context: DrillContext) -> None:
    """Flood the primary Region's API for as long as load goes on, and note whether a client or a check minded."""
    checks = context.control.state()["health_checks"].values()
    answer = context.name_in(context.primary).resolve()
    asked = {each["target"].removeprefix(answer.canonical) for each in checks}
    paths = guesses(asked)
    statuses: Counter[int] = Counter()
    ended = threading.Event()
    port = urlsplit(str(context.endpoint.url)).port
    stranger = threading.Thread(target=_ask, args=(answer, port, paths, ended, statuses), daemon=True)
    strayed = 0
    with context.phase(f"a stranger floods {', '.join(paths)}"):
        enough, since = _results(context, answer.canonical) + RESULTS, time.monotonic()
        stranger.start()
        until = since + context.options.during_seconds

        def has_lasted() -> bool:
            nonlocal strayed
            strayed += not context.all_clients_use(context.primary)
            return time.monotonic() >= until and _results(context, answer.canonical) >= enough

        try:
            context.wait(
                has_lasted,
                "the health checks did not ask often enough during the flood",
                seconds=context.options.during_seconds + context.options.patience_seconds,
                missing=lambda: f"{max(0, enough - _results(context, answer.canonical))} results of health checks",
            )
        finally:
            ended.set()
            stranger.join()
    checked = _checks_of(context, answer.canonical)
    context.history.append(
        FloodEnded(
            at=time.monotonic(),
            since=since,
            statuses={str(status): count for status, count in statuses.items()},
            strayed=strayed,
            unhealthy=sum(not each["healthy"] for each in checked),
            asked=tuple(sorted(_shown(path) for path in asked if path)),
        )
    )


def _shown(path: str) -> str:
    """A path that is checked, without the part that nobody is to know: a report is handed around."""
    known, secret = path.rpartition("/")[::2]
    return f"{known}/…" if known else f"/{secret}"


def _ask(target: Answer, port: int | None, paths: list[str], ended: threading.Event, statuses: Counter[int]) -> None:
    due, most = time.monotonic(), paths[0]
    with HttpClient("http", target.address, port, timeout_seconds=_ANSWER_SECONDS) as client:
        for path in itertools.cycle([*paths, most, most]):
            if ended.wait(max(0.0, due - time.monotonic())):
                break
            due += 1 / RATE
            with contextlib.suppress(OSError):  # it connects again by itself
                status, _ = client.request("GET", path, headers={"Host": target.canonical})
                statuses[status] += 1


def _checks_of(context: DrillContext, host: str) -> list[dict[str, object]]:
    return [each for each in context.control.state()["health_checks"].values() if each["target"].startswith(host)]


def _results(context: DrillContext, host: str) -> int:
    return sum(int(str(each["results"])) for each in _checks_of(context, host))
