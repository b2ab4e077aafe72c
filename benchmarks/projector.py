"""Compare the projector's statements with bare inserts of the same rows, at an empty table and at a million rows.

There are three floors, by the same driver over the same connection, into a table of the same columns, primary key and
indexes, which handle no conflict, keep no balance and have no trigger or check:

- `projector_ratio`: one `INSERT ... SELECT unnest(...)` per batch, given the arrays as the driver takes them, as lists;
- `projector_encoded_ratio`: the same, given ready array literals, which the ledger has to make first;
- `projector_copy_ratio`: a `COPY` of ready text.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from benchmarks.baseline import literals
from benchmarks.ledger_database import fresh_transactions, ready_databases
from benchmarks.result import Figure, Result, alternate
from contract.database import APPLICATION_USER
from tandem_runtime.shared import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tandem_runtime.shared.transaction import Transaction

RATIO = 0.60
"""A batch of one is reported without a bound: a statement that does more takes longer to begin, whatever it inserts."""

FLAT = 0.75
"""A million transactions slow the ledger's insert at most this much more than a bare insert.

Each keeps a share of its rate at an empty table; the ledger's share, divided by that of a bare insert with as little
work in the client, must be at least this.

Deeper indexes and colder caches slow every insert; a plan that reads what is there would slow ours without end. The
bare insert with the driver's lists will not do here: its client's work, which no table slows, hides what the table
costs it.
"""

FILLED = 1_000_000
ROUNDS = {1: 200, 100: 60, 1_000: 20, 10_000: 5}
ENCODED = {1_000: 0.6}
"""By the size of a batch, what is asked of the ratio to a floor that is given ready literals."""

_TABLES = (
    "CREATE SCHEMA bare",
    "CREATE TABLE bare.transactions (LIKE ledger.transactions INCLUDING INDEXES)",
    f"GRANT USAGE ON SCHEMA bare TO {APPLICATION_USER}",
    f"GRANT INSERT ON ALL TABLES IN SCHEMA bare TO {APPLICATION_USER}",
)
_FILL = (
    "TRUNCATE bare.transactions",
    "INSERT INTO bare.transactions SELECT * FROM ledger.transactions",
    "VACUUM ANALYZE",
)
_BARE = """
INSERT INTO bare.transactions (
    id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount
)
SELECT * FROM unnest(
    :ids ::uuid[], :payload_hashes ::text[], :origins ::text[], :recorded_ats ::timestamptz[], :currencies ::text[],
    :descriptions ::text[], :debit_accounts ::text[], :credit_accounts ::text[], :amounts ::bigint[]
)
"""
_COPY = """
COPY bare.transactions (
    id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount
) FROM STDIN
"""


def run() -> Result:
    """Measure an empty ledger and one that holds a million transactions, in turns."""
    with ready_databases(2) as (small, large):
        for database in (small, large):
            database.run(*_TABLES)
        large.fill(FILLED)
        large.run(*_FILL)
        connections = {"empty": small.connect(), "1,000,000": large.connect()}
        measured = {size: _measure(connections, size, rounds) for size, rounds in ROUNDS.items()}
        for connection in connections.values():
            connection.close()
    report: dict[str, Any] = {
        key: {
            when: {size: round(function(measured[size][when]), 3) for size in ROUNDS} for when in ("empty", "1,000,000")
        }
        for key, function in _FIGURES.items()
    }
    flatness = {
        name: {
            size: round(function(measured[size]["1,000,000"]) / function(measured[size]["empty"]), 3) for size in ROUNDS
        }
        for name, function in (
            ("insert", _FIGURES["projector_rows_per_second"]),
            ("verify", _FIGURES["verify_rows_per_second"]),
            ("bare", _FIGURES["bare_rows_per_second"]),
            ("bare_encoded", _FIGURES["bare_encoded_rows_per_second"]),
        )
    }
    figures = [
        Figure(
            name=f"{key}, {when} table, batches of {size:,}",
            value=report[key][when][size],
            at_least=bound if size > 1 else None,
        )
        for key, bound in (("projector_ratio", RATIO), ("verify_ratio", RATIO), ("verify_to_insert", 1.0))
        for when in ("empty", "1,000,000")
        for size in ROUNDS
    ]
    encoded = {size: round(_encoded_ratio(measured[size]["1,000,000"]), 3) for size in ROUNDS}
    figures += [
        Figure(name=f"projector_encoded_ratio, batches of {size:,}", value=ratio, at_least=ENCODED.get(size))
        for size, ratio in encoded.items()
    ]
    for size in ROUNDS:
        ours, bare = flatness["insert"][size], flatness["bare_encoded"][size]
        figures.append(Figure(name=f"flatness, batches of {size:,}", value=ours))
        figures.append(
            Figure(name=f"flatness beside a bare insert's, batches of {size:,}", value=ours / bare, at_least=FLAT)
        )
    return Result({**report, "projector_encoded_ratio": encoded, "flatness": flatness}, figures)


@dataclass(frozen=True)
class _Rates:
    """Transactions per second: bare with lists, with ready literals, by COPY, inserted, verified."""

    bare: float
    encoded: float
    copied: float
    insert: float
    verify: float


def _encoded_ratio(rates: _Rates) -> float:
    return rates.insert / rates.encoded


_FIGURES: dict[str, Callable[[_Rates], float]] = {
    "projector_ratio": lambda rates: rates.insert / rates.bare,
    "projector_encoded_ratio_by_table": _encoded_ratio,
    "projector_copy_ratio": lambda rates: rates.insert / rates.copied,
    "verify_ratio": lambda rates: rates.verify / rates.bare,
    "verify_to_insert": lambda rates: rates.verify / rates.insert,
    "projector_rows_per_second": lambda rates: rates.insert,
    "verify_rows_per_second": lambda rates: rates.verify,
    "bare_rows_per_second": lambda rates: rates.bare,
    "bare_encoded_rows_per_second": lambda rates: rates.encoded,
    "copy_rows_per_second": lambda rates: rates.copied,
}


def _measure(connections: Mapping[str, LedgerConnection], size: int, rounds: int) -> dict[str, _Rates]:
    first = 10 * FILLED * size  # ids of their own for each size
    batches = [fresh_transactions(first + number * size, size) for number in range(3 * (rounds + 1))]
    actions: list[Callable[[int], object]] = []
    for connection in connections.values():
        actions += _actions(connection, *(batches[start::3] for start in range(3)))
    seconds = alternate(rounds, *actions)
    return {
        when: _Rates(*(size / each for each in seconds[5 * number : 5 * number + 5]))
        for number, when in enumerate(connections)
    }


def _actions(
    connection: LedgerConnection,
    batches: Sequence[list[Transaction]],
    second: Sequence[list[Transaction]],
    third: Sequence[list[Transaction]],
) -> list[Callable[[int], object]]:
    """Make the actions; each floor is given batches of its own, because all fill one table."""
    ready = [literals(batch) for batch in second]
    texts = [_text(batch) for batch in third]

    def insert(number: int) -> None:
        if ledger.insert(connection, batches[number]).new != len(batches[number]):
            raise RuntimeError(f"a batch of {len(batches[number])} new transactions was not inserted as a whole")

    def verify(number: int) -> None:
        if missing := ledger.verify(connection, batches[number]).missing:
            raise RuntimeError(f"{len(missing)} of {len(batches[number])} rows are not there right after insertion")

    def copy(number: int) -> None:
        connection._open().run(_COPY, stream=BytesIO(texts[number]))  # noqa: SLF001 - the functions never copy

    return [
        lambda number: connection.run(_BARE, **_lists(batches[number])),
        lambda number: connection.run(_BARE, **ready[number]),
        copy,
        insert,
        verify,
    ]


def _lists(transactions: Sequence[Transaction]) -> dict[str, list[Any]]:
    return {
        "ids": [transaction.transaction_id for transaction in transactions],
        "payload_hashes": [transaction.payload_hash for transaction in transactions],
        "origins": [transaction.origin for transaction in transactions],
        "recorded_ats": [transaction.recorded_at for transaction in transactions],
        "currencies": [transaction.currency for transaction in transactions],
        "descriptions": [transaction.description for transaction in transactions],
        "debit_accounts": [transaction.debit_account for transaction in transactions],
        "credit_accounts": [transaction.credit_account for transaction in transactions],
        "amounts": [transaction.amount for transaction in transactions],
    }


def _text(transactions: Sequence[Transaction]) -> bytes:
    """A batch as COPY's text format has it; none of its texts needs an escape."""
    rows = (
        (each.transaction_id, each.payload_hash, each.origin, each.recorded_at, each.currency, each.description,
         each.debit_account, each.credit_account, str(each.amount))
        for each in transactions
    )  # fmt: skip
    return "".join("\t".join(row) + "\n" for row in rows).encode()
