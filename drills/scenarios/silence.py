"""Checks that clients were acknowledged all along: how long the longest silence was, and how long it may be."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

from drills.history.derived import outage_began, promoted
from drills.history.events import Acknowledged, ControlRan, PhaseEnded
from drills.measure.machine import slowness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drills.context import DrillContext

SHARE_OF_OUTAGE = 0.5


def longest_silence(times: Iterable[float], since: float, until: float) -> tuple[float, float]:
    """Return when the longest time without any of `times` began and ended; without any, `since` and `until`."""
    between = sorted(at for at in times if since < at < until)
    return max(pairwise([since, *between, until]), key=lambda gap: gap[1] - gap[0])


def _acknowledged(context: DrillContext) -> list[float]:
    return [event.at for event in context.history.of(Acknowledged)]


def no_long_silence(name: str) -> Callable[[DrillContext], None]:
    """Check, as `name`, that clients were acknowledged all along: no gap beyond the time that connecting may take.

    With `allow_for_machine` the limit counts the processor's seconds: it is longer by as much as a program that has
    nothing to do with the stage took longer meanwhile.
    """

    def check(context: DrillContext) -> None:
        lost_at = outage_began(context.history.events)
        since = context.history.of(PhaseEnded)[0].at if lost_at is None else lost_at
        began, ended = longest_silence(_acknowledged(context), since, time.monotonic())
        slower = slowness(context.history.of(ControlRan), began, ended)
        limit = context.options.silence_seconds * slower
        told = f" ({context.options.silence_seconds:g} s, and a control took {slower:.1f} times as long)"
        context.observe(
            name,
            passed=ended - began <= limit,
            detail=f"longest silence {ended - began:.2f} s, at most {limit:.3g} s" + (told if slower > 1 else ""),
        )

    return check


def never_waits_for_the_ledger(context: DrillContext) -> None:
    """Check that clients need no ledger: whoever waited for it was silent for as long as it was away.

    The limit is a part of what the drill itself took, so it means the same on a slow machine and on a fast one.
    """
    events = context.history.events
    since, until = outage_began(events), promoted(events, context.secondary)
    if since is None or until is None:
        context.observe("nobody waits for the ledger", passed=False, detail="no ledger was lost and promoted")
        return
    began, ended = longest_silence(_acknowledged(context), since, until)
    limit = SHARE_OF_OUTAGE * (until - since)
    context.observe(
        "nobody waits for the ledger",
        passed=ended - began <= limit,
        detail=f"longest silence {ended - began:.2f} s, at most {limit:.2f} s: half the time that the ledger was away",
    )
