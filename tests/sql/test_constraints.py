"""What the database refuses, whoever asks: here its owner does, whom no grant limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pg8000.native
import pytest

from tandem_runtime.shared import money
from tandem_runtime.shared.ledger import insert
from tandem_runtime.shared.ledger_errors import LedgerRefusedError
from tests.sql.database import contents, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tests.sql.database import Pair

ID = "00000000-0000-4000-8000-000000000099"
OTHER = "00000000-0000-4000-8000-000000000100"
POST = (
    "INSERT INTO ledger.transactions (id, payload_hash, origin, recorded_at, currency, description, debit_account, "
    "credit_account, amount) "
    "VALUES (:id ::uuid, :hash, :origin, now(), :currency, '', :debit, :credit, :amount ::bigint)"
)
VALID: dict[str, Any] = {
    "id": ID,
    "hash": "a" * 64,
    "origin": "us-east-1",
    "currency": "EUR",
    "debit": "alice",
    "credit": "bob",
    "amount": 5,
}


@pytest.fixture
def owner(servers: Pair, database: str) -> Iterator[pg8000.native.Connection]:
    with servers.administer(servers.writer, database) as connection:
        yield connection


def refusal(connection: pg8000.native.Connection, sql: str, **parameters: Any) -> str:
    with pytest.raises(pg8000.native.DatabaseError) as refused:
        connection.run(sql, **parameters)
    return str(refused.value.args[0]["C"])


def test_a_transaction_is_two_entries_that_sum_to_zero_and_two_balances_by_itself(
    owner: pg8000.native.Connection,
) -> None:
    owner.run(POST, **VALID)
    assert contents(owner) == (1, 2, 0)
    entries = owner.run("SELECT transaction_id::text, account, currency::text, amount FROM ledger.entries")
    assert sorted(entries) == [[ID, "alice", "EUR", 5], [ID, "bob", "EUR", -5]]
    balances = owner.run("SELECT account, currency::text, balance::text FROM ledger.balances")
    assert sorted(balances) == [["alice", "EUR", "5"], ["bob", "EUR", "-5"]]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 10**15 + 1},
        {"amount": None},
        {"credit": "alice"},
        {"credit": None},
        {"debit": ""},
        {"debit": "x" * 65},
        {"debit": "alice\n"},
        {"debit": ".alice"},
        {"credit": "b b"},
        {"credit": "x" * 65},
        {"currency": "XXX"},
        {"currency": "eur"},
        {"currency": "ANG"},
        {"currency": None},
        {"hash": "a" * 63},
        {"hash": "A" * 64},
        {"hash": ""},
        {"hash": None},
        {"origin": "Us East"},
    ],
)
def test_a_transaction_that_is_not_double_entry_in_one_known_currency_is_refused(
    owner: pg8000.native.Connection, change: dict[str, Any]
) -> None:
    assert refusal(owner, POST, **{**VALID, **change})[:2] in ("22", "23")
    assert contents(owner) == (0, 0, 0)


def test_a_currency_is_known_even_where_its_balance_is_written_by_the_second_transaction(
    owner: pg8000.native.Connection,
) -> None:
    owner.run(POST, **VALID)
    assert refusal(owner, POST, **{**VALID, "id": OTHER, "currency": "XXX"}) == "23503"
    owner.run(POST, **{**VALID, "id": OTHER, "currency": "JPY"})
    assert contents(owner) == (2, 4, 0)


def test_entries_cannot_be_written_past_their_transaction(owner: pg8000.native.Connection) -> None:
    assert refusal(owner, "INSERT INTO ledger.entries VALUES (:id ::uuid, 'alice', 'EUR', 5, now())", id=ID) == "55000"


def test_a_transaction_id_is_unique(owner: pg8000.native.Connection) -> None:
    owner.run(POST, **VALID)
    assert refusal(owner, POST, **VALID) == "23505"
    assert refusal(owner, POST, **{**VALID, "debit": "carol", "credit": "dave"}) == "23505"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.balances SET balance = balance + 1",
        "DELETE FROM ledger.balances",
        "INSERT INTO ledger.balances VALUES ('carol', 'EUR', 0)",
        "TRUNCATE ledger.balances",
    ],
)
def test_a_balance_changes_only_with_its_entries_even_by_the_owner(
    owner: pg8000.native.Connection, statement: str
) -> None:
    owner.run(POST, **VALID)
    assert refusal(owner, statement) == "23001"
    assert contents(owner) == (1, 2, 0)


@pytest.mark.parametrize("table", ["transactions", "conflicts", "rejections", "currencies"])
def test_nothing_that_was_posted_is_changed_or_removed_even_by_the_owner(
    owner: pg8000.native.Connection, table: str
) -> None:
    column = {"currencies": "exponent"}.get(table, "payload_hash")
    for statement in (
        "UPDATE ledger.{table} SET {column} = {column}",
        "DELETE FROM ledger.{table}",
        "TRUNCATE ledger.{table} CASCADE",
    ):
        assert refusal(owner, statement.format(table=table, column=column)) == "23001"


@pytest.mark.parametrize("statement", ["UPDATE ledger.entries SET amount = 1", "DELETE FROM ledger.entries"])
def test_an_entry_is_never_changed_nor_removed_by_itself(owner: pg8000.native.Connection, statement: str) -> None:
    owner.run(POST, **VALID)
    assert refusal(owner, statement) == "55000"
    assert refusal(owner, "TRUNCATE ledger.entries") == "42809"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.transactions SET amount = 1",
        "DELETE FROM ledger.transactions",
        "DELETE FROM ledger.balances",
        "DELETE FROM ledger.rejections",
        "INSERT INTO ledger.currencies VALUES ('ZZZ', 2)",
        "DROP VIEW ledger.entries",
        "ALTER TABLE ledger.transactions DISABLE TRIGGER ALL",
        "ALTER TABLE ledger.balances DISABLE TRIGGER ALL",
        "TRUNCATE ledger.balances",
    ],
)
def test_the_functions_user_has_no_right_to_change_what_was_posted(ledger: LedgerConnection, statement: str) -> None:
    with pytest.raises(pg8000.native.DatabaseError) as refused:
        ledger.run(statement)
    assert refused.value.args[0]["C"] == "42501"


def test_the_functions_user_posts_and_changes_no_balance_otherwise(ledger: LedgerConnection) -> None:
    insert(ledger, [transaction(1)])
    with pytest.raises(LedgerRefusedError, match="balances change only with"):
        ledger.run("UPDATE ledger.balances SET balance = 0")
    assert contents(ledger) == (1, 2, 0)


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
