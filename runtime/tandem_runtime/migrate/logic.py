"""Numbered SQL files, each applied once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["DataApi", "migrate", "statements"]

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


def migrate(database: DataApi, files: Sequence[Path]) -> list[str]:
    """Apply the files that were not applied before, in order, in one transaction; returns their names."""
    transaction = database.begin()
    try:
        # two deployments at once: the second one waits, then finds nothing to do
        database.execute("SELECT pg_advisory_xact_lock(7301)::text", transaction)
        database.execute(
            "CREATE TABLE IF NOT EXISTS public.ledger_migrations "
            "(name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
            transaction,
        )
        done = {row[0] for row in database.execute("SELECT name FROM public.ledger_migrations", transaction)}
        applied = []
        for file in files:
            if file.name in done:
                continue
            for statement in statements(file.read_text()):
                database.execute(statement, transaction)
            database.execute("INSERT INTO public.ledger_migrations (name) VALUES (:name)", transaction, name=file.name)
            applied.append(file.name)
    except BaseException:
        database.rollback(transaction)
        raise
    database.commit(transaction)
    return applied


def statements(text: str) -> list[str]:
    """Split a migration at semicolons outside `$$` bodies and comments: the Data API takes one statement a call."""
    found, current, in_body = [], "", False
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    for part in "\n".join(lines).replace("$$", "\0$$\0").replace(";", "\0;\0").split("\0"):
        if part == "$$":
            in_body = not in_body
        if part == ";" and not in_body:
            found.append(current.strip())
            current = ""
        else:
            current += part
    return [statement for statement in [*found, current.strip()] if statement]
