"""Numbered SQL files, each applied once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Database(Protocol):
    """The database that is migrated. A transaction is named by what `begin` returned."""

    def begin(self) -> str:
        """Begin a transaction."""
        ...

    def execute(self, sql: str, transaction: str, **parameters: str) -> list[list[Any]]:
        """Run one statement in `transaction`, and return its rows."""
        ...

    def commit(self, transaction: str) -> None:
        """Commit `transaction`."""
        ...

    def rollback(self, transaction: str) -> None:
        """Undo `transaction`."""
        ...


def migrate(database: Database, files: Sequence[Path]) -> list[str]:
    """Apply the files that were not applied before, in order, in one transaction; returns their names."""
    transaction = database.begin()
    try:
        # of two deployments at once, the second one waits here and then has nothing left to apply
        database.execute("SELECT pg_advisory_xact_lock(7301)::text", transaction)
        database.execute(
            "CREATE TABLE IF NOT EXISTS public.ledger_migrations "
            "(name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
            transaction,
        )
        applied_before = {row[0] for row in database.execute("SELECT name FROM public.ledger_migrations", transaction)}
        applied = []
        for file in files:
            if file.name in applied_before:
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
    complete, current, in_body = [], "", False
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    for part in "\n".join(lines).replace("$$", "\0$$\0").replace(";", "\0;\0").split("\0"):
        if part == "$$":
            in_body = not in_body
        if part == ";" and not in_body:
            complete.append(current.strip())
            current = ""
        else:
            current += part
    return [statement for statement in [*complete, current.strip()] if statement]
