"""How far a sweep has come, as the ledger itself holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.sweeper.slices import Slice


class PositionMovedError(Exception):
    """Somebody else has moved the position, or the ledger is another one: the slice is thrown away."""


class Position(Protocol):
    """A position that one transaction locks, finds unchanged, and raises."""

    def lock(self, ledger: Rows) -> object:
        """Lock it until the transaction ends; answers where it is, None where it is not there."""
        ...

    def pass_over(self, ledger: Rows, read: Slice) -> None:
        """Raise it to the end of the slice, which begins where it was."""
        ...


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Every item that the origin recorded before it is in the ledger."""

    origin: str
    now: datetime

    def lock(self, ledger: Rows) -> object:
        """Lock the mark."""
        sql = "SELECT mark FROM ledger.sweep_marks WHERE origin = :origin FOR UPDATE"
        return _only(ledger.run(sql, origin=self.origin))

    def pass_over(self, ledger: Rows, read: Slice) -> None:
        """Raise the mark."""
        ledger.run(
            "UPDATE ledger.sweep_marks SET mark = :mark, swept_at = :now WHERE origin = :origin",
            origin=self.origin,
            mark=read.end,
            now=self.now,
        )


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Up to where `observer` has read what is new of `origin`."""

    observer: str
    origin: str

    def lock(self, ledger: Rows) -> object:
        """Lock the cursor."""
        sql = "SELECT swept_until FROM ledger.sweep_cursors WHERE observer = :observer AND origin = :origin FOR UPDATE"
        return _only(ledger.run(sql, observer=self.observer, origin=self.origin))

    def pass_over(self, ledger: Rows, read: Slice) -> None:
        """Raise the cursor; a slice of its overlap lies below it and leaves it where it is."""
        ledger.run(
            "UPDATE ledger.sweep_cursors SET swept_until = greatest(swept_until, :until), "
            "newest = greatest(newest, :newest ::timestamptz) WHERE observer = :observer AND origin = :origin",
            observer=self.observer,
            origin=self.origin,
            until=read.end,
            newest=read.newest,
        )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How far a read has come that somebody asked for."""

    observer: str
    origin: str
    request: str

    def lock(self, ledger: Rows) -> object:
        """Lock the read, unless another request has taken its place."""
        return _only(
            ledger.run(
                "SELECT position FROM ledger.asked_reads "
                "WHERE observer = :observer AND origin = :origin AND request = :request FOR UPDATE",
                observer=self.observer,
                origin=self.origin,
                request=self.request,
            )
        )

    def pass_over(self, ledger: Rows, read: Slice) -> None:
        """Note how far it has come."""
        ledger.run(
            "UPDATE ledger.asked_reads SET position = :position WHERE observer = :observer AND origin = :origin",
            observer=self.observer,
            origin=self.origin,
            position=read.end,
        )


def _only(rows: list[list[object]]) -> object:
    return rows[0][0] if rows else None
