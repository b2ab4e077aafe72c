"""Mutants of Tandem: each leaves one part of the design out, or does it otherwise, by replacing a port or function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tandem_runtime.sweeper.logic import sweep
from tests.model.world import Runtime

if TYPE_CHECKING:
    from datetime import datetime

    from tandem_runtime.sweeper.logic import Sweep

__all__ = ["mark_by_the_clock", "mark_outside_the_ledger", "no_sweep", "presence_by_id"]


def no_sweep() -> Runtime:
    """There are no sweeps: only stream and projector bring items into the ledger."""
    return Runtime(sweep=lambda *_: None)


@dataclass
class _MarkElsewhere:
    """A ledger whose marks are kept where no failover discards them."""

    ledger: Any
    marks: dict[str, datetime]

    def run(self, sql: str, **parameters: Any) -> list[list[Any]]:
        if "ledger.sweep_marks" not in sql:
            rows: list[list[Any]] = self.ledger.run(sql, **parameters)
            return rows
        if sql.startswith("INSERT"):
            origin, mark = parameters["origin"], parameters["mark"]
            self.marks[origin] = max(mark, self.marks.get(origin, mark))
            return []
        return [[self.marks[parameters["origin"]]]] if parameters["origin"] in self.marks else []


def mark_outside_the_ledger() -> Runtime:
    """One mark per origin for all ledgers and all their branches, as a table elsewhere would keep it."""
    marks: dict[str, datetime] = {}

    def sweep_elsewhere(task: Sweep, origin: str, *evidence: datetime | None) -> datetime | None:
        return sweep(replace(task, ledger=_MarkElsewhere(task.ledger, marks)), origin, *evidence)

    return Runtime(sweep=sweep_elsewhere)


def mark_by_the_clock() -> Runtime:
    """The mark follows the time, whatever was heard of the origin."""
    return Runtime(sweep=lambda task, origin, _heartbeat, since: sweep(task, origin, task.now, since))


@dataclass
class _BlindToPayloads:
    """A ledger that is told, of any payload, that it is the one it holds."""

    ledger: Any

    @property
    def replica(self) -> bool:
        return bool(self.ledger.replica)

    def run(self, sql: str, **parameters: Any) -> list[list[Any]]:
        if "ids" in parameters and "payload_hashes" in parameters:
            parameters["payload_hashes"] = self._held(parameters["ids"], parameters["payload_hashes"])
        rows: list[list[Any]] = self.ledger.run(sql, **parameters)
        return rows

    def close(self) -> None:
        self.ledger.close()

    def _held(self, ids: str, hashes: str) -> str:
        rows = self.ledger.run(
            "SELECT array_agg(coalesce(t.payload_hash, b.given) ORDER BY b.position)::text "
            "FROM unnest(:ids ::uuid[], :hashes ::text[]) WITH ORDINALITY AS b (id, given, position) "
            "LEFT JOIN ledger.transactions t ON t.id = b.id",
            ids=ids,
            hashes=hashes,
        )
        return str(rows[0][0] or "{}")


def presence_by_id() -> Runtime:
    """A transaction counts as present when its id is there, whatever the payload."""
    return Runtime(ledger=_BlindToPayloads)
