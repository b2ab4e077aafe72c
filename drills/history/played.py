"""Events that only a played stage has: what a person asks of it, and what is seen of it that no drill waits for.

What a drill has, too, is told by the drill's own events: a fault, its end, a promotion, clients that have moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from drills.history.events import Event


@dataclass(frozen=True, kw_only=True)
class LoadAsked(Event):
    """So many transactions per second were asked for, 0 for none."""

    rate: float


@dataclass(frozen=True, kw_only=True)
class LoadExpired(Event):
    """The load had lasted as long as it may, and was ended."""


@dataclass(frozen=True, kw_only=True)
class MoveAsked(Event):
    """A move of the writer was asked for by its name; `region` is where to, empty for the primary Region."""

    move: str
    region: str


@dataclass(frozen=True, kw_only=True)
class StepSaid(Event):
    """A move said that it has come so far."""

    text: str


@dataclass(frozen=True, kw_only=True)
class AskedInVain(Event):
    """An action, in words, could not be done, and why."""

    action: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class NameLed(Event):
    """DNS began to answer with another Region, None for no answer."""

    region: str | None


@dataclass(frozen=True, kw_only=True)
class FirstClientsMoved(Event):
    """A Region that no client was sent to has its first ones."""

    region: str


@dataclass(frozen=True, kw_only=True)
class HealthChanged(Event):
    """The health check of a Region's endpoint changed its state."""

    region: str
    healthy: bool


@dataclass(frozen=True, kw_only=True)
class StageJudged(Event):
    """`tandem status` came to another verdict, in a word."""

    verdict: str


@dataclass(frozen=True, kw_only=True)
class LookFailed(Event):
    """The stage could not be looked at."""

    reason: str
