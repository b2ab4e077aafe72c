"""Intervals and limits that two rooms share, in seconds unless the name says otherwise."""

from __future__ import annotations

SWEEP_INTERVAL_SECONDS = 600
"""How often a sweep is scheduled.

The sweeper counts its evidence in this interval: behind a slower schedule no mark would ever rise.
"""

HEARTBEAT_LIMIT_SECONDS = 60
"""The age from which a heartbeat no longer shows that its Region lives."""

SCHEDULED_HEARTBEAT_LIMIT_SECONDS = 150
"""The same where a schedule beats the heart once a minute, because no health check of Route 53 does.

The reader has a schedule of its own, and EventBridge keeps to the minute only: a heartbeat that is two minutes old is
nothing unusual there.
"""

PLAN_NAME_LIMIT = 32
"""Characters of a plan's name (ARC Region switch API Reference, CreatePlan)."""
