"""What a Region would lack if the other one were lost, and what its projector asks for."""

from __future__ import annotations


def shortfall(limit: float, used_elsewhere: float | None) -> float | None:
    """How many executions at once the Region lacks for the other one's peak; None where that is unknown.

    A Region that is lost cannot be asked: its peak is unknown then, and not 0.
    """
    return None if used_elsewhere is None else max(0.0, used_elsewhere - limit)


def demand(open_shards: int, lanes: int) -> int:
    """How many projectors Lambda runs at once: one for each lane of each shard.

    Lambda Developer Guide, "Process DynamoDB records with Lambda": ParallelizationFactor batches of a shard at once.
    """
    return open_shards * lanes
