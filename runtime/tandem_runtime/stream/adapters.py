"""A table of DynamoDB, as its own Region describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tandem_runtime.stream.logic import TableState

_NOT_NOW = frozenset({"LimitExceededException", "ResourceInUseException", "ValidationException"})
"""How UpdateTable refuses while the table is being updated, while too many are, and where the stream is there already:
DescribeTable may still tell of the time before (DynamoDB API Reference, UpdateTable and DescribeTable)."""


@dataclass(frozen=True)
class RegionTable:
    """The replica of the table `name` in the Region that `dynamodb` calls."""

    dynamodb: Any
    name: str

    def state(self) -> TableState:
        """What DescribeTable says."""
        described = self.dynamodb.describe_table(TableName=self.name)["Table"]
        specification = described.get("StreamSpecification", {})
        return TableState(
            active=described["TableStatus"] == "ACTIVE",
            view=specification.get("StreamViewType") if specification.get("StreamEnabled") else None,
            stream_arn=described.get("LatestStreamArn") or None,
        )

    def enable_stream(self, view: str) -> str:
        """Have a stream enabled; empty, or why that cannot be done now."""
        specification = {"StreamEnabled": True, "StreamViewType": view}
        try:
            self.dynamodb.update_table(TableName=self.name, StreamSpecification=specification)
        except self.dynamodb.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_NOW:
                raise
            return str(error)
        return ""
