"""What becomes of a resource when its stack goes."""

from __future__ import annotations

from aws_cdk import RemovalPolicy

__all__ = ["removal"]


def removal(*, retain: bool) -> RemovalPolicy:
    """Kept where the stage retains its data, deleted with the stack elsewhere.

    What a failed first deployment has made holds no data and is not kept, for its fixed name would refuse the next one
    (CloudFormation User Guide, DeletionPolicy, RetainExceptOnCreate).
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if retain else RemovalPolicy.DESTROY
