"""The ledger's database, as the RDS Data API reaches it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_RESUMING = ("DatabaseResumingException", "DatabaseUnavailableException", "DatabaseNotFoundException")
_PATIENCE_SECONDS = 300.0
_PAUSE_SECONDS = 2.0


class DataApi:
    """The RDS Data API on one cluster."""

    def __init__(
        self, rds_data: Any, *, cluster: str, secret: str, name: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._rds_data = rds_data
        self._target = {"resourceArn": cluster, "secretArn": secret}
        self._name = name
        self._pause = pause

    def begin(self) -> str:
        """Begin a transaction; waits while a scaled-to-zero cluster resumes (Data API, DatabaseResumingException)."""
        waited = 0.0
        while True:
            try:
                answer = self._rds_data.begin_transaction(**self._target, database=self._name)
            except self._rds_data.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in _RESUMING or waited >= _PATIENCE_SECONDS:
                    raise
                self._pause(_PAUSE_SECONDS)
                waited += _PAUSE_SECONDS
            else:
                return str(answer["transactionId"])

    def execute(self, sql: str, transaction: str, **parameters: str) -> list[list[Any]]:
        """Run one statement in `transaction`."""
        answer = self._rds_data.execute_statement(
            **self._target,
            database=self._name,
            transactionId=transaction,
            sql=sql,
            parameters=[{"name": name, "value": {"stringValue": value}} for name, value in parameters.items()],
        )
        return [[next(iter(column.values())) for column in row] for row in answer.get("records", [])]

    def commit(self, transaction: str) -> None:
        """Commit `transaction`."""
        self._rds_data.commit_transaction(**self._target, transactionId=transaction)

    def rollback(self, transaction: str) -> None:
        """Undo `transaction`."""
        self._rds_data.rollback_transaction(**self._target, transactionId=transaction)
