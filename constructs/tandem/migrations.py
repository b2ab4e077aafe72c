"""The ledger's schema, applied at deploy time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct, IDependable

from contract import environment
from tandem.functions import FunctionDefaults, RuntimeFunction
from tandem.provided_resource import provided_resource

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager as secretsmanager

__all__ = ["MIGRATIONS", "LedgerMigrations", "migrations_version"]

MIGRATIONS = Path(__file__).resolve().parents[2] / "runtime" / "tandem_runtime" / "migrate" / "sql"


def migrations_version(directory: Path = MIGRATIONS) -> str:
    """The version of the schema: it changes with any migration's name or content, and with nothing else.

    Raises `ValueError` where there is no migration: a deploy would silently leave the ledger without its schema.
    """
    migrations = sorted(directory.glob("*.sql"))
    if not migrations:
        raise ValueError(f"no migrations in {directory}: expected files such as 0001_ledger.sql")
    digest = hashlib.sha256()
    for migration in migrations:
        digest.update(migration.name.encode() + b"\0" + migration.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


class LedgerMigrations(Construct):
    """Applies the numbered migrations through the RDS Data API, whenever they change; deleting it leaves data alone.

    `writer` is what must exist before SQL can run: the cluster with its instances. The Data API fails on a secondary
    until it is promoted, so only the primary has one; the secondary's schema arrives by replication.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        cluster_arn: str,
        secret: secretsmanager.ISecret,
        writer: IDependable,
    ) -> None:
        super().__init__(scope, construct_id)
        self.runtime = RuntimeFunction(
            self,
            "Migrate",
            name="migrate",
            defaults=defaults,
            description="Applies the ledger's migrations",
            timeout=Duration.minutes(10),
            told=(environment.Migrate(ledger_cluster_arn=cluster_arn, ledger_secret_arn=secret.secret_arn),),
        )
        self.function = self.runtime.function
        self.runtime.allow(
            "rds-data:ExecuteStatement",
            "rds-data:BatchExecuteStatement",
            "rds-data:BeginTransaction",
            "rds-data:CommitTransaction",
            "rds-data:RollbackTransaction",
            on=[cluster_arn],
        )
        secret.grant_read(self.function)
        self.runtime.allow_key(defaults.key)
        self.resource = provided_resource(
            self,
            "Schema",
            function=self.function,
            keeping=defaults,
            resource_type="Custom::TandemLedgerSchema",
            properties={"Version": migrations_version()},
        )
        self.resource.node.add_dependency(writer)
