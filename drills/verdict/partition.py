"""Checks of a partition: which side served, and what became of payloads that conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drills.history.seen import ConflictsSent, ConflictsSettled, RacesSent, ServedByOne, ServedBySides
from drills.verdict.checks import Check, Verdict, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.history.events import Event
    from drills.verdict.past import Past


def _sides_served(served: ServedBySides, past: Past) -> list[Check]:
    """Both sides serve; an isolated replica of a strongly consistent journal refuses instead."""
    counts = past.acknowledged_since(served.since)
    serving = [region for region, count in counts.items() if count]
    expected = [past.began.primary] if past.began.strong else list(counts)
    name = "the isolated Region refuses" if past.began.strong else "both sides serve"
    return [Check(name=name, verdict=verdict_of(serving == expected), detail=_told(counts))]


def _one_served(served: ServedByOne, past: Past) -> list[Check]:
    """A strongly consistent journal is written where the witness is; the isolated one goes on alone otherwise."""
    began = past.began
    expected = began.secondary if began.strong else began.primary
    counts = past.acknowledged_since(served.since if began.strong else served.moved)
    serving = [region for region, count in counts.items() if count]
    after = f"; served after {served.moved - served.since:.1f} s; {served.writer} writes the ledger"
    name = f"clients are served in {expected} alone"
    return [Check(name=name, verdict=verdict_of(serving == [expected]), detail=_told(counts) + after)]


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{region} acknowledged {count}" for region, count in counts.items())


def _payloads(past: Past) -> int:
    """How many payloads of each conflicting pair are acknowledged: an isolated strong replica refuses its own."""
    return 1 if past.began.strong else 2


def _conflicts_acknowledged(sent: ConflictsSent, past: Past) -> list[Check]:
    name = "an isolated Region acknowledges no conflict" if past.began.strong else "both sides acknowledge a conflict"
    sides = [sum(answer is not None for answer in pair) for pair in sent.answers]
    verdict = verdict_of(all(count == _payloads(past) for count in sides)) if sides else Verdict.UNKNOWN
    return [Check(name=name, verdict=verdict, detail=f"sides that acknowledged, for each key: {sides}")]


def _conflicts_settled(settled: ConflictsSettled, past: Past) -> list[Check]:
    payloads, keys = _payloads(past), sum(len(sent.answers) for sent in past.of(ConflictsSent))
    name = (
        "one payload wins in both journals, posted once, both recorded" if payloads > 1 else "the one payload is posted"
    )
    verdict = verdict_of(len(settled.ids) == keys) if keys else Verdict.UNKNOWN
    return [Check(name=name, verdict=verdict, detail=f"{len(settled.ids)} keys, {payloads} payloads each")]


def _races_agree(sent: RacesSent, _: Past) -> list[Check]:
    """Each Region acknowledges what is sent to both at once, under one id."""
    counts = [len({*pair} - {None}) for pair in sent.answers]
    agreed = all(None not in pair and len(set(pair)) == 1 for pair in sent.answers)
    verdict = verdict_of(agreed) if sent.answers else Verdict.UNKNOWN
    name = "what is sent to both Regions at once is one transaction"
    twice, never = sum(count > 1 for count in counts), counts.count(0)
    detail = f"{len(counts)} sent, {twice} taken under two ids, {never} by neither Region"
    return [Check(name=name, verdict=verdict, detail=detail)]


JUDGES: Mapping[type[Event], Callable[[Any, Past], list[Check]]] = {
    ServedBySides: _sides_served,
    ServedByOne: _one_served,
    ConflictsSent: _conflicts_acknowledged,
    ConflictsSettled: _conflicts_settled,
    RacesSent: _races_agree,
}
"""Who judges which event."""
