"""How long clients were not acknowledged, and how long they may not be."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from drills.history.events import Acknowledged, ControlRan, PhaseEnded
from drills.history.moments import outage_began, promoted
from drills.measure.machine import slowness
from drills.verdict.checks import Check, Verdict, verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drills.history.seen import LedgerSilenceAsked, SilenceAsked
    from drills.verdict.past import Past

SHARE_OF_OUTAGE = 0.5


def longest_silence(times: Iterable[float], since: float, until: float) -> tuple[float, float]:
    """Return when the longest time without any of `times` began and ended; without any, `since` and `until`."""
    between = sorted(at for at in times if since < at < until)
    return max(pairwise([since, *between, until]), key=lambda gap: gap[1] - gap[0])


def no_long_silence(asked: SilenceAsked, past: Past) -> list[Check]:
    """Judge whether clients were acknowledged all along: no gap beyond the time that connecting may take.

    The limit counts the processor's seconds: it is longer by as much as a program that has nothing to do with the stage
    took longer meanwhile, where the drill ran one.
    """
    ended = past.of(PhaseEnded)
    lost_at = outage_began(past.events)
    since = ended[0].at if lost_at is None and ended else lost_at
    if since is None:
        return [Check(name=asked.name, verdict=Verdict.UNKNOWN, detail="no phase had ended, so nothing was to be seen")]
    begin, end = longest_silence((event.at for event in past.of(Acknowledged)), since, asked.at)
    slower, seconds = slowness(past.of(ControlRan), begin, end), past.began.options.silence_seconds
    limit = seconds * slower
    told = f" ({seconds:g} s, and a control took {slower:.1f} times as long)" if slower > 1 else ""
    detail = f"longest silence {end - begin:.2f} s, at most {limit:.3g} s{told}"
    return [Check(name=asked.name, verdict=verdict_of(end - begin <= limit), detail=detail)]


def never_waits_for_the_ledger(_: LedgerSilenceAsked, past: Past) -> list[Check]:
    """Judge whether clients need no ledger: whoever waited for it was silent for as long as it was away.

    The limit is a part of what the drill itself took, so it means the same on a slow machine and on a fast one.
    """
    name = "nobody waits for the ledger"
    since, until = outage_began(past.events), promoted(past.events, past.began.secondary)
    if since is None or until is None:
        return [Check(name=name, verdict=Verdict.UNKNOWN, detail="no ledger was lost and promoted")]
    begin, end = longest_silence((event.at for event in past.of(Acknowledged)), since, until)
    limit = SHARE_OF_OUTAGE * (until - since)
    detail = f"longest silence {end - begin:.2f} s, at most {limit:.2f} s: half the time that the ledger was away"
    return [Check(name=name, verdict=verdict_of(end - begin <= limit), detail=detail)]
