"""Lines to copy into a shell, which ask the played stage by the tools that a person has: curl, the AWS CLI, psql."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.database import DATABASE
from drills.clients.client import CUSTOM_DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drills.clients.resolver import Answer

CREDENTIALS = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
"""Those that the embedded AWS takes: they open nothing else."""
BODY = '{"debit_account":"alice","credit_account":"bob","amount":"12.50","currency":"EUR"}'
STATEMENT = "SELECT * FROM ledger.balances LIMIT 5"


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Where a Region's database listens, who may connect, and which secret has the password."""

    address: str
    port: int
    user: str
    secret_arn: str


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where a played stage can be asked: the embedded AWS, its authority's file, tables and ledgers by Region."""

    url: str
    stage: str
    api_name: str
    authority: str
    tables: Mapping[str, str]
    ledgers: Mapping[str, Ledger]


def lines(places: Places, control: Mapping[str, Any], answer: Answer | None) -> list[dict[str, str]]:
    """Return each line with a title. Those of the API go where DNS answers now: `answer`, None while it has none."""
    told = []
    if answer is not None:
        curl = _curl(places, control, answer)
        key = "-H 'content-type: application/json' -H 'idempotency-key: tried-by-hand'"
        told += [
            {
                "title": f"Send a transaction (curl, to {answer.region}); sent again, it is the same transaction",
                "text": f"{curl} {key} -d {shlex.quote(BODY)} https://{_host(places, answer)}/transactions",
            },
            {
                "title": f"Read an account (curl, from {answer.region})",
                "text": f"{curl} https://{_host(places, answer)}/accounts/alice",
            },
        ]
    for region, table in places.tables.items():
        aws = f"{CREDENTIALS} aws --endpoint-url {places.url} --region {region}"
        told.append(
            {
                "title": f"Look into the journal of {region} (AWS CLI)",
                "text": f"{aws} dynamodb scan --table-name {table} --max-items 2",
            }
        )
        if ledger := places.ledgers.get(region):
            secret = f"{aws} secretsmanager get-secret-value --secret-id {shlex.quote(ledger.secret_arn)}"
            read = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"password\"])'"
            connection = (
                f"host={ledger.address} port={ledger.port} dbname={DATABASE} user={ledger.user} sslmode=require"
            )
            ask = f"psql {shlex.quote(connection)} -c {shlex.quote(STATEMENT)}"
            told.append(
                {
                    "title": f"Ask the ledger of {region} (psql)",
                    "text": f"PGPASSWORD=$({secret} --query SecretString --output text | {read}) {ask}",
                }
            )
    told.append(
        {
            "title": "The same in a terminal",
            "text": f"tandem status --stage {places.stage} --endpoint-url {places.url} --watch 2",
        }
    )
    return told


def _curl(places: Places, control: Mapping[str, Any], answer: Answer) -> str:
    port = control["tls"]["ports"][answer.region]
    return (
        f"curl --cacert {shlex.quote(places.authority)} --connect-to ::{answer.address}:{port} "
        f"--aws-sigv4 aws:amz:{answer.region}:execute-api --user test:test"
    )


def _host(places: Places, answer: Answer) -> str:
    return places.api_name if answer.canonical.startswith(CUSTOM_DOMAIN) else answer.canonical
