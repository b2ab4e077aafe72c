"""A stranger floods the primary Region's API with requests for paths that anybody can guess: DNS must not move."""

from __future__ import annotations

import http.client
import itertools
import secrets
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drills.history.seen import FloodEnded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drills.clients.resolver import Answer
    from drills.context import DrillContext

RATE = 120
"""Requests a second: more than the 100 that the route of the health checks is refilled with."""
_ANSWER_SECONDS = 5.0
_KNOWN = "/healthz"


def guesses(checked: Iterable[str]) -> list[str]:
    """Return the paths that a stranger tries, without those that the health checks ask.

    Where the checked path is the one that everybody knows, a flood of it takes the checkers' share of its throttle:
    nothing but another path helps against that, so it is not what is tried here.
    """
    tries = (_KNOWN, f"{_KNOWN}/{secrets.token_hex(8)}", f"/{secrets.token_hex(8)}")
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
        before, since = _results(context), time.monotonic()
        stranger.start()
        until = time.monotonic() + context.options.during_seconds
        while time.monotonic() < until or _results(context) == before:
            strayed += not context.all_clients_use(context.primary)
            time.sleep(0.2)
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
            asked=tuple(sorted(asked)),
        )
    )


def _ask(
    target: Answer, port: int | None, paths: Iterable[str], ended: threading.Event, statuses: Counter[int]
) -> None:
    connection, due = http.client.HTTPConnection(target.address, port, timeout=_ANSWER_SECONDS), time.monotonic()
    for path in itertools.cycle(paths):
        if ended.wait(max(0.0, due - time.monotonic())):
            break
        due += 1 / RATE
        try:
            connection.request("GET", path, headers={"Host": target.canonical})
            response = connection.getresponse()
            response.read()
            statuses[response.status] += 1
        except (OSError, http.client.HTTPException):
            connection.close()  # it connects again by itself
    connection.close()


def _checks_of(context: DrillContext, host: str) -> list[dict[str, object]]:
    return [each for each in context.control.state()["health_checks"].values() if each["target"].startswith(host)]


def _results(context: DrillContext) -> int:
    return sum(each["results"] for each in context.control.state()["health_checks"].values())
