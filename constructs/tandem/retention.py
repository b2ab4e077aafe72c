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
    """Return the policy: keep it where the stage retains its data, delete it with the stack elsewhere.

    What a failed first deployment has made holds no data and is not kept, because its fixed name would make the next
    deployment fail (CloudFormation User Guide, DeletionPolicy, RetainExceptOnCreate).
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if retain else RemovalPolicy.DESTROY
