"""A vault of AWS Backup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from contract.removal import REMOVAL_TAG, REMOVED_WITH_STACK

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Vault:
    """The recovery points of the vault `name`."""

    backup: Any
    name: str
    arn: str

    def is_marked(self) -> bool:
        """Whether the stack takes the vault with it when it goes."""
        tags = self.backup.list_tags(ResourceArn=self.arn).get("Tags", {})
        return bool(tags.get(REMOVAL_TAG) == REMOVED_WITH_STACK)

    def remaining(self) -> Iterator[tuple[str, str]]:
        """The ARN and the status of every recovery point."""
        pages = self.backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=self.name)
        for page in pages:
            for point in page["RecoveryPoints"]:
                yield point["RecoveryPointArn"], point.get("Status", "")

    def delete(self, arn: str) -> str:
        """Have a recovery point deleted; empty, or why it cannot be deleted now.

        AWS Backup refuses to delete one that is being made or copied, until it is complete.
        """
        try:
            self.backup.delete_recovery_point(BackupVaultName=self.name, RecoveryPointArn=arn)
        except ClientError as error:
            return str(error)
        return ""
