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

from operations.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drills.clients.resolver import Answer
    from drills.context import DrillContext

RATE = 120
"""Requests a second: more than the 100 that the route of the health checks is refilled with."""
_ANSWER_SECONDS = 5.0
_KNOWN = "/healthz"
REFUSALS = frozenset({403, 404, 429})


def guesses(checked: Iterable[str]) -> list[str]:
    """Return the paths that a stranger tries, without those that the health checks ask.

    Where the checked path is the one that everybody knows, a flood of it takes the checkers' share of its throttle:
    nothing but another path helps against that, so it is not what is tried here.
    """
    tries = (_KNOWN, f"{_KNOWN}/{secrets.token_hex(8)}", f"/{secrets.token_hex(8)}")
    asked = set(checked)
    return [path for path in tries if path not in asked]


def flood(context: DrillContext) -> None:
    """Flood the primary Region's API for as long as load goes on, and look whether a client or a check minded."""
    checks = context.control.state()["health_checks"].values()
    answer = context.name_in(context.primary).resolve()
    asked = {each["target"].removeprefix(answer.canonical) for each in checks}
    paths = guesses(asked)
    statuses: Counter[int] = Counter()
    ended = threading.Event()
    port = urlsplit(str(context.endpoint.url)).port
    stranger = threading.Thread(target=_ask, args=(answer, port, paths, ended, statuses), daemon=True)
    stayed = True
    with context.phase(f"a stranger floods {', '.join(paths)}"):
        before = _results(context)
        stranger.start()
        until = time.monotonic() + context.options.during_seconds
        while time.monotonic() < until or _results(context) == before:
            stayed = stayed and context.all_clients_use(context.primary)
            time.sleep(0.2)
        ended.set()
        stranger.join()
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    context.observe(
        "the flood was refused", passed=bool(statuses) and set(statuses) <= REFUSALS, detail=told or "no answer"
    )
    context.observe(
        "the flood did not move DNS",
        passed=stayed and all(each["healthy"] for each in _checks_of(context, answer.canonical)),
        detail=f"{sum(statuses.values())} requests in {context.options.during_seconds:g} s; health checks asked "
        + ", ".join(sorted(asked)),
    )


def _ask(
    target: Answer, port: int | None, paths: Iterable[str], ended: threading.Event, statuses: Counter[int]
) -> None:
    due = time.monotonic()
    with HttpClient("http", target.address, port, timeout_seconds=_ANSWER_SECONDS) as client:
        for path in itertools.cycle(paths):
            if ended.wait(max(0.0, due - time.monotonic())):
                break
            due += 1 / RATE
            with contextlib.suppress(OSError):  # it connects again by itself
                status, _ = client.request("GET", path, headers={"Host": target.canonical})
                statuses[status] += 1


def _checks_of(context: DrillContext, host: str) -> list[dict[str, object]]:
    return [each for each in context.control.state()["health_checks"].values() if each["target"].startswith(host)]


def _results(context: DrillContext) -> int:
    return sum(each["results"] for each in context.control.state()["health_checks"].values())
