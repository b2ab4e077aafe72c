"""Mutants of Tandem: each leaves one part of the design out, or does it otherwise, by replacing a port or function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tandem_runtime.sweeper import passes, table_read
from tandem_runtime.sweeper.account import account
from tandem_runtime.sweeper.logic import Swept, sweep
from tandem_runtime.sweeper.positions import Mark, Position
from tandem_runtime.sweeper.slices import Slice, slices
from tests.model.world import SLICE_ITEMS, Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tandem_runtime.shared.journal import Entry
    from tandem_runtime.sweeper.ports import Sweep


def no_sweep() -> Runtime:
    """There are no sweeps: only stream and projector bring items into the ledger."""
    return Runtime(sweep=lambda *_: Swept())


def mark_outside_the_ledger() -> Runtime:
    """One mark per origin for all ledgers and all their branches, as a table elsewhere would keep it."""
    marks: dict[str, datetime] = {}

    def sweep_elsewhere(task: Sweep, origins: Sequence[str], asked: Any) -> Swept:
        for origin, mark in marks.items():
            task.ledger.run(
                "INSERT INTO ledger.sweep_marks AS held VALUES (:origin, :mark, :now) ON CONFLICT (origin) "
                "DO UPDATE SET mark = greatest(held.mark, excluded.mark)",
                origin=origin,
                mark=mark,
                now=task.now,
            )
        swept = sweep(task, origins, asked)
        for origin, at in swept.marks.items():
            if at is not None:
                marks[origin] = max(at, marks.get(origin, at))
        return swept

    return Runtime(sweep=sweep_elsewhere)


def mark_by_the_clock() -> Runtime:
    """The mark follows the time, whatever was heard of the origin."""

    def sweep_by_the_clock(task: Sweep, origins: Sequence[str], asked: Any) -> Swept:
        task.seen = {origin: replace(seen, risen=task.now - timedelta(minutes=2)) for origin, seen in task.seen.items()}
        return sweep(task, origins, asked)

    return Runtime(sweep=sweep_by_the_clock)


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


def mark_over_what_was_only_read_early() -> Runtime:
    """The mark rises over what the reads of new items have passed, and nothing is read a second time."""

    positions: list[Position] = []

    def nothing_twice(index: Any, origin: str, start: datetime, end: datetime, size: Any) -> Iterator[Slice]:
        if isinstance(positions[-1], Mark):
            return iter([Slice([], end, None)])
        return slices(index, origin, start, end, size)

    def read(task: Sweep, origin: str, position: Position, **how: Any) -> Iterator[None]:
        positions.append(position)
        yield from original(task, origin, position, **how)

    original = passes._read  # noqa: SLF001 - the one that is replaced
    return Runtime(replaced={"passes._read": read, "passes.slices": nothing_twice})


def mark_before_the_rows() -> Runtime:
    """The position is committed first, and the slice's rows follow in transactions of their own."""

    def position_first(
        task: Sweep, entries: Sequence[Any], *, unchanged: Callable[[], bool], pass_over: Any, retry: bool = False
    ) -> None:
        account(task, [], unchanged=unchanged, pass_over=pass_over)
        account(task, entries, unchanged=lambda: True, pass_over=lambda _: None, retry=retry)

    return Runtime(replaced={"passes.account": position_first, "table_read.account": position_first})


def slice_past_its_last_item() -> Runtime:
    """A slice ends just after its last item, so that others of the same time are not read."""

    def past(index: Any, origin: str, start: datetime, end: datetime, size: Any) -> Iterator[Slice]:
        entries = [entry for each in slices(index, origin, start, end, size) for entry in each.entries]
        while len(entries) > SLICE_ITEMS:
            taken, rest = entries[:SLICE_ITEMS], entries[SLICE_ITEMS:]
            last = datetime.fromisoformat(taken[-1].recorded_at)
            yield Slice(taken, last + timedelta(microseconds=1), last)
            entries = [each for each in rest if each.recorded_at > taken[-1].recorded_at]
        yield Slice(entries, end, None)

    return Runtime(replaced={"passes.slices": past})


def segment_skipped_on_resume() -> Runtime:
    """A read of the table that is resumed takes the segment that it was in for read."""

    def read(task: Any, segment: int, positions: Any, size: Any) -> tuple[list[Entry], str | None]:
        begun = task.__dict__.setdefault("begun", set())
        resumed = isinstance(positions[segment], str) and segment not in begun
        begun.add(segment)
        return ([], None) if resumed else original(task, segment, positions, size)

    original = table_read._slice  # noqa: SLF001 - the one that is replaced
    return Runtime(replaced={"table_read._slice": read})


MUTANTS = (
    no_sweep,
    mark_outside_the_ledger,
    mark_by_the_clock,
    presence_by_id,
    mark_over_what_was_only_read_early,
    mark_before_the_rows,
    slice_past_its_last_item,
    segment_skipped_on_resume,
)
