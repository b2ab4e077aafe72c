"""What each signal says of the primary Region: alive, lost, or unknown, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tandem_runtime.shared.signs import ALIVE, LOST, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

HEARTBEAT, JOURNAL, CANARY = "heartbeat", "journal", "canary"
"""The three signals. The first two come by DynamoDB's replication, the last one over the public network."""

JOURNAL_LIMIT_SECONDS = 90
"""The age from which the primary's youngest journal item no longer shows that it lives: a canary posts every minute."""

FRESH_SECONDS = 90
"""How old what the canary saw may be: it looks once a minute."""

REACHED_WITHIN_SECONDS = 3600
"""How long before a loss the canary must have reached the Region: one that never could has not seen it lost."""


@dataclass(frozen=True)
class Signal:
    """What is said of the primary Region, and why."""

    state: str
    because: str


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What the canary saw of a Region at `seen_at`. Times are epoch seconds.

    `reached_at` is when it last reached the Region, `lost_since` since when it has not.
    """

    state: str
    seen_at: float
    reached_at: float | None = None
    lost_since: float | None = None


def heartbeat_signal(heard_at: float | None, now: float, *, limit: float) -> Signal:
    """What the primary's heartbeat says; a heartbeat that was never seen says nothing."""
    if heard_at is None:
        return Signal(UNKNOWN, "no heartbeat of the primary was ever seen")
    age = now - heard_at
    return Signal(ALIVE if age < limit else LOST, f"the primary's heartbeat is {age:.0f} s old")


def journal_signal(*, holds_young: bool) -> Signal:
    """What the journal's replica says, by whether it holds an item that the primary took within the limit."""
    if holds_young:
        return Signal(ALIVE, f"the primary took a transaction within {JOURNAL_LIMIT_SECONDS} s")
    return Signal(LOST, f"no transaction of the primary within {JOURNAL_LIMIT_SECONDS} s has arrived")


def canary_signal(of_primary: Observation | None, of_own: Observation | None, now: float) -> Signal:
    """What the canary says: it has seen the primary lost only while it could post to its own Region in that minute.

    One that posts nowhere has a trouble of its own, and so has one that had not reached the primary before the loss.
    """
    if of_primary is None or now - of_primary.seen_at > FRESH_SECONDS:
        return Signal(UNKNOWN, "the canary has not looked at the primary lately")
    if of_primary.state != LOST:
        return Signal(of_primary.state, f"the canary sees the primary {of_primary.state}")
    if of_own is None or now - of_own.seen_at > FRESH_SECONDS or of_own.state != ALIVE:
        return Signal(UNKNOWN, "the canary reaches neither the primary nor its own region")
    reached, since = of_primary.reached_at, of_primary.lost_since
    if reached is None or since is None or since - reached > REACHED_WITHIN_SECONDS:
        return Signal(UNKNOWN, "the canary had not reached the primary in the hour before")
    return Signal(LOST, f"the canary has not reached the primary for {now - since:.0f} s")


def all_lost(signals: Mapping[str, Signal]) -> bool:
    """Whether every signal says that the primary is lost."""
    return all(signal.state == LOST for signal in signals.values())


def doubtful(signals: Mapping[str, Signal]) -> bool:
    """Whether a signal is unknown, or the signals disagree."""
    states = {signal.state for signal in signals.values()}
    return UNKNOWN in states or len(states) > 1
