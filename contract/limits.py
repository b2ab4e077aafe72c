"""Intervals and limits that two rooms share, in seconds unless the name says otherwise."""

from __future__ import annotations

SWEEP_INTERVAL_SECONDS = 60
"""How often a sweep is scheduled. Each one adds an observation to the evidence on which marks rise."""

SWEEP_OVERLAP_SECONDS = 45
"""How much of what a sweep read as new is read again by the next one, because replication, index or put was late.

It is less than the interval, so that an item is read as new twice at most.
"""

EVIDENCE_PATIENCE_SECONDS = 600
"""How long nothing may be heard of an origin, or observed, before the evidence of it begins anew.

Twice this and the time that a backlog takes to drain must stay below a stage's sweep margin.
"""

MARK_LATE_SECONDS = 1_800
"""How much more than twice a stage's sweep margin an origin may be without a younger mark, until an alarm rings.

Evidence that begins anew keeps a mark where it is for another margin, so twice the margin is nothing unusual.
"""

SLACK_SECONDS = 60
"""How far what an origin records may be ahead of its put, or of another clock.

That is the time-out of `transactions` with the retries of its put, and the difference of two Regions' clocks.
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
