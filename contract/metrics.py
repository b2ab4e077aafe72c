"""The metrics of ours: the functions emit them and the alarms watch them. Stage and service are dimensions of each."""

from __future__ import annotations

NAMESPACE = "Tandem"

HEARTBEAT_AGE = "HeartbeatAge"
"""Seconds since the other Region's last heartbeat that arrived here. Has the dimension `region`, the other one."""

INSERTED = "Inserted"
"""Transactions that a batch inserted into the ledger."""

VERIFIED = "Verified"
"""Transactions that a batch found in a ledger that replicates."""

QUARANTINED = "Quarantined"
"""Items that a batch put into quarantine."""

CONFLICTS = "Conflicts"
"""Transactions that a batch found journalled with two payloads."""

QUARANTINE_HELD = "QuarantineHeld"
"""Items in quarantine; a gauge, which each sweep emits."""

SWEEP_INSERTED = "SweepInserted"
"""Transactions that a sweep inserted because the stream had not."""

LEDGER_DIFFERENCES = "LedgerDifferences"
"""Minutes in which a comparison found both Regions' ledgers different."""

CONCURRENCY_SHORTFALL = "ConcurrencyShortfall"
"""Executions at once that a Region's account lacks for the other one's peak. Has the dimension `region`, the other."""

PROJECTOR_DEMAND = "ProjectorDemand"
"""Projectors that Lambda runs at once for a stream with much in it: its open shards times the lanes of each."""

MARK_AGE = "MarkAge"
"""Seconds since the time from which on a ledger's mark vouches for nothing; 0 when nothing was recorded since.

Told in both Regions, a replica's of the mark that was replicated. Has the dimension `region`, the origin.
"""

SWEEP_LAG = "SweepLag"
"""Seconds by which sweeps are behind the latest heartbeat of an origin. Has the dimension `region`, the origin."""

RECOVERY_SIGNAL = "RecoverySignal"
"""What a signal says of the primary: 0 alive, 1 lost, 2 unknown. Has the dimension `signal`."""

RECOVERY_DOUBT = "RecoveryDoubt"
"""1 in a minute in which a signal was unknown or the signals disagreed, else 0."""

RECOVERY_DECLINED = "RecoveryDeclined"
"""1 in a minute in which a signal said lost and `recover` began nothing, else 0."""

PLAN_NEEDS_ACTION = "PlanNeedsAction"
"""1 while ARC's evaluation of the recovery plan says that it needs action, else 0; told where the stage has a plan."""

VERSIONS_DIFFER = "VersionsDiffer"
"""1 while the heartbeats of the two Regions name different versions of code or settings, else 0."""

CANARY_STATE = "CanaryState"
"""What the canary saw of a Region: 0 alive, 1 lost, 2 unknown. Has the dimension `region`, as those below."""

CANARY_ACKNOWLEDGED = "CanaryAcknowledged"
"""Seconds until the canary's transaction was acknowledged."""

CANARY_JOURNALLED = "CanaryJournalled"
"""Seconds from the acknowledgement until the other Region's journal held the transaction; the other is `region`."""

CANARY_POSTED = "CanaryPosted"
"""Seconds from the acknowledgement until the ledger of `region` held the transaction."""

CANARY_DOMAIN = "CanaryDomain"
"""0 while the API answers under its own name, with a certificate that is valid, else 1."""

STAGE, SERVICE, REGION, SIGNAL = "stage", "service", "region", "signal"
"""The dimensions."""


def service_of(function: str) -> str:
    """The value of the dimension `service` for a function of the runtime."""
    return f"tandem-{function}"
