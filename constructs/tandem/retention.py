"""What becomes of a resource when its stack goes."""

from __future__ import annotations

from aws_cdk import RemovalPolicy

__all__ = ["removal"]


def removal(*, retain: bool) -> RemovalPolicy:
    """Kept where the stage retains its data, deleted with the stack elsewhere."""
    return RemovalPolicy.RETAIN if retain else RemovalPolicy.DESTROY
