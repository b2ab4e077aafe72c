"""Compare `POST /transactions` in its handler with the one bare `put_item` that it makes: warm, in turns, over HTTP."""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import Any

from benchmarks.embedded_journal import TABLE, embedded_journal
from benchmarks.ledger_database import fresh_transactions
from benchmarks.result import Figure, Result, alternate
from tests.functions import environment

LIMIT = 1.3
ROUNDS = 400


def run() -> Result:
    """Measure new transactions. Each is a put of its own on both sides, by the same client."""
    with embedded_journal() as (dynamodb, table):
        os.environ.update(environment(other_region="us-west-2", journal_table=TABLE))
        handler = import_module("tandem_runtime.transactions.handler").handler
        transactions = fresh_transactions(1, ROUNDS + 1)

        def bare(number: int) -> None:
            dynamodb.put_item(
                TableName=table,
                Item=items[number],
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

        def handled(number: int) -> None:
            answer = handler(events[number], None)
            if answer["statusCode"] != 201:  # noqa: PLR2004 - created
                raise RuntimeError(f"the handler answered {answer['statusCode']}: {answer['body'][:200]}")

        items = [transaction.to_item() for transaction in transactions]
        events = [_event(number) for number in range(ROUNDS + 1)]
        bare_seconds, handler_seconds = alternate(ROUNDS, bare, handled)
    ratio = handler_seconds / bare_seconds
    report = {
        "api_overhead_ratio": round(ratio, 3),
        "api_handler_ms": round(handler_seconds * 1_000, 3),
        "api_put_ms": round(bare_seconds * 1_000, 3),
    }
    figures = [
        Figure(name="api_overhead_ratio", value=ratio, at_most=LIMIT),
        Figure(name="handler less its put_item", value=(handler_seconds - bare_seconds) * 1_000, unit="ms"),
    ]
    return Result(report, figures)


def _event(number: int) -> dict[str, Any]:
    body = {
        "debit_account": f"account-{number}",
        "credit_account": "merchant-7",
        "amount": "12.34",
        "currency": "EUR",
        "description": "invoice 4711",
        "metadata": {"order": str(number)},
    }
    return {
        "version": "2.0",
        "routeKey": "POST /transactions",
        "headers": {"content-type": "application/json", "idempotency-key": f"key-{number}"},
        "requestContext": {"authorizer": {"iam": {"userId": "AROAEXAMPLE:session"}}},
        "isBase64Encoded": False,
        "body": json.dumps(body),
    }
