"""What the database refuses, whoever asks: here its owner does, whom no grant limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pg8000.native
import pytest

from tandem_runtime.shared import money
from tandem_runtime.shared.ledger import insert
from tests.sql.database import contents, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tests.sql.database import Pair

ID = "00000000-0000-4000-8000-000000000099"
HEADER = (
    "WITH t AS ("
    "INSERT INTO ledger.transactions VALUES (:id ::uuid, :hash, :origin, now(), :currency, '') RETURNING id) "
    "INSERT INTO ledger.entries SELECT t.id, e.account, e.currency, e.amount FROM t, "
    "unnest(:accounts ::text[], :currencies ::text[], :amounts ::bigint[]) AS e (account, currency, amount)"
)
VALID: dict[str, Any] = {
    "id": ID,
    "hash": "a" * 64,
    "origin": "us-east-1",
    "currency": "EUR",
    "accounts": ["alice", "bob"],
    "currencies": ["EUR", "EUR"],
    "amounts": [5, -5],
}


@pytest.fixture
def owner(servers: Pair, database: str) -> Iterator[pg8000.native.Connection]:
    with servers.administer(servers.writer, database) as connection:
        yield connection


def refusal(connection: pg8000.native.Connection, sql: str, **parameters: Any) -> str:
    with pytest.raises(pg8000.native.DatabaseError) as refused:
        connection.run(sql, **parameters)
    return str(refused.value.args[0]["C"])


def test_a_balanced_pair_of_entries_is_taken(owner: pg8000.native.Connection) -> None:
    owner.run(HEADER, **VALID)
    assert contents(owner)[:2] == (1, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"amounts": [5, -4]},
        {"amounts": [5, 5]},
        {"amounts": [0, 0]},
        {"amounts": [10**15 + 1, -(10**15) - 1]},
        {"amounts": [5, -5, 0]},
        {"accounts": ["alice"], "currencies": ["EUR"], "amounts": [5]},
        {"accounts": ["a", "b", "c"], "currencies": ["EUR"] * 3, "amounts": [5, -4, -1]},
        {"accounts": ["a", "b", "c", "d"], "currencies": ["EUR"] * 4, "amounts": [5, -5, 7, -7]},
        {"accounts": [], "currencies": [], "amounts": []},
        {"accounts": ["alice", "alice"]},
        {"accounts": ["", "bob"]},
        {"accounts": ["x" * 65, "bob"]},
        {"accounts": ["alice\n", "bob"]},
        {"currencies": ["EUR", "USD"]},
        {"currencies": ["USD", "USD"]},
        {"currency": "XXX", "currencies": ["XXX", "XXX"]},
        {"currency": "eur", "currencies": ["eur", "eur"]},
        {"hash": "a" * 63},
        {"hash": ""},
        {"hash": None},
        {"origin": "Us East"},
    ],
)
def test_a_transaction_that_is_not_double_entry_in_one_currency_is_refused(
    owner: pg8000.native.Connection, change: dict[str, Any]
) -> None:
    assert refusal(owner, HEADER, **{**VALID, **change})[:2] in ("22", "23")
    assert contents(owner) == (0, 0, 0)


def test_each_currency_sums_to_zero_by_itself(owner: pg8000.native.Connection) -> None:
    mixed = {"accounts": ["a", "b"], "currencies": ["EUR", "JPY"], "amounts": [5, -5]}
    assert refusal(owner, HEADER, **{**VALID, **mixed}) == "23514"


def test_entries_without_a_transaction_are_refused(owner: pg8000.native.Connection) -> None:
    sql = "INSERT INTO ledger.entries VALUES (:id ::uuid, 'alice', 'EUR', 5), (:id ::uuid, 'bob', 'EUR', -5)"
    assert refusal(owner, sql, id=ID) == "23503"


def test_a_second_posting_of_a_transaction_is_refused_even_if_it_balances(owner: pg8000.native.Connection) -> None:
    owner.run(HEADER, **VALID)
    sql = "INSERT INTO ledger.entries VALUES (:id ::uuid, 'carol', 'EUR', 5), (:id ::uuid, 'dave', 'EUR', -5)"
    assert refusal(owner, sql, id=ID) == "23514"


def test_a_transaction_id_is_unique(owner: pg8000.native.Connection) -> None:
    owner.run(HEADER, **VALID)
    assert refusal(owner, HEADER, **VALID) == "23505"


@pytest.mark.parametrize("table", ["transactions", "entries", "conflicts", "rejections", "currencies"])
def test_nothing_that_was_posted_is_changed_or_removed_even_by_the_owner(
    owner: pg8000.native.Connection, table: str
) -> None:
    column = {"entries": "amount", "currencies": "exponent"}.get(table, "payload_hash")
    for statement in (
        "UPDATE ledger.{table} SET {column} = {column}",
        "DELETE FROM ledger.{table}",
        "TRUNCATE ledger.{table} CASCADE",
    ):
        assert refusal(owner, statement.format(table=table, column=column)) == "23001"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.entries SET amount = 1",
        "DELETE FROM ledger.transactions",
        "DELETE FROM ledger.balances",
        "DELETE FROM ledger.rejections",
        "INSERT INTO ledger.currencies VALUES ('ZZZ', 2)",
        "DROP TABLE ledger.entries",
        "ALTER TABLE ledger.entries DISABLE TRIGGER ALL",
        "TRUNCATE ledger.balances",
    ],
)
def test_the_functions_user_has_no_right_to_change_what_was_posted(ledger: LedgerConnection, statement: str) -> None:
    with pytest.raises(pg8000.native.DatabaseError) as refused:
        ledger.run(statement)
    assert refused.value.args[0]["C"] == "42501"


def test_the_database_and_the_code_know_the_same_currencies_and_their_decimals(
    owner: pg8000.native.Connection,
) -> None:
    held = dict(owner.run("SELECT code::text, exponent FROM ledger.currencies"))
    assert held == money._EXPONENTS  # noqa: SLF001 - the list itself
    assert all(money.exponent_of(code) == exponent for code, exponent in held.items())


@pytest.mark.parametrize(("text", "currency"), [("12.34", "EUR"), ("500", "JPY"), ("0.001", "KWD")])
def test_an_amount_comes_back_with_the_decimals_of_its_currency(
    ledger: LedgerConnection, text: str, currency: str
) -> None:
    insert(ledger, [transaction(1, amount=money.parse_amount(text, currency), currency=currency)])
    [[held, decimals]] = ledger.run(
        "SELECT amount, (amount / 10 ^ exponent)::numeric(20, 3)::float8 FROM ledger.entries "
        "JOIN ledger.currencies ON code = currency WHERE amount > 0"
    )
    assert money.format_amount(held, currency) == text
    assert decimals == float(text)
