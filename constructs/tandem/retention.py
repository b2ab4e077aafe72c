"""What becomes of a resource when its stack goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_logs as logs

__all__ = ["Keeping", "removal"]


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How a Region keeps things: the key that encrypts, how long logs stay, whether data outlives its stack."""

    key: kms.IKey
    log_retention: logs.RetentionDays
    retain: bool


def removal(*, retain: bool) -> RemovalPolicy:
    """Kept where the stage retains its data, deleted with the stack elsewhere.

    What a failed first deployment has made holds no data and is not kept, for its fixed name would refuse the next one
    (CloudFormation User Guide, DeletionPolicy, RetainExceptOnCreate).
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if retain else RemovalPolicy.DESTROY
