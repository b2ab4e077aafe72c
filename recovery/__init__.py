"""Operating a stage: status, failover, failback, reconcile, drills."""
