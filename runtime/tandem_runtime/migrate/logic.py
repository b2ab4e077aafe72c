"""Numbered SQL files, each applied once."""

from __future__ import annotations

import re
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


_TOKENS = re.compile(
    r"""
      --[^\n]*                       # a comment up to the end of the line
    | /\*.*?\*/                      # a comment of its own
    | (?<![\w$])[eE]'(?:[^'\\]|''|\\.)*'  # a text with escapes
    | '(?:[^']|'')*'                 # a text
    | "(?:[^"]|"")*"                 # a quoted name
    | (?<![\w$])(?P<quote>\$(?:[^\W\d]\w*)?\$).*?(?P=quote)  # a text in dollars, such as a function's body
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
"""What may hold a semicolon, and the semicolon that ends a statement (PostgreSQL, 4.1 Lexical Structure)."""


def statements(text: str) -> list[str]:
    """Split a migration at the semicolons that end a statement: the Data API takes one statement a call.

    Comments between statements are left out; those within one go with it. Raises `ValueError` where a text, a body or a
    comment is not closed.
    """
    complete, current, position = [], "", 0
    for token in _TOKENS.finditer(text):
        current += _plain(text[position : token.start()])
        position = token.end()
        if token["end"]:
            complete.append(current.strip())
            current = ""
        elif current.strip() or not token[0].startswith(("--", "/*")):
            current += token[0]
    complete.append((current + _plain(text[position:])).strip())
    return [statement for statement in complete if statement]


def _plain(text: str) -> str:
    """Text between tokens, which opens nothing; raises `ValueError` where it does."""
    if unclosed := _OPENING.search(text):
        raise ValueError(f"{unclosed[0]!r} opens what nothing closes: close it in the migration that has it")
    return text


_OPENING = re.compile(r"""'|"|/\*|(?<![\w$])\$(?:[^\W\d]\w*)?\$""")
