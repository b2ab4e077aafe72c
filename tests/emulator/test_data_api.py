"""The RDS Data API answers what a database answered, and makes up nothing where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from tests.emulator.running import Running, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("data-api") as running:
        yield running


@pytest.mark.parametrize("statement", ["CREATE DATABASE ledger", "SELECT 1"])
def test_a_cluster_without_a_database_behind_it_takes_no_statement(aws: Running, statement: str) -> None:
    secret = aws.client("secretsmanager").create_secret(
        Name=f"administrator-{len(statement)}",
        SecretString='{"username": "administrator", "password": "kept-secret-1"}',
    )["ARN"]
    databases = aws.client("rds")
    name = f"elsewhere-{len(statement)}"
    cluster = databases.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-mysql",
        EnableHttpEndpoint=True,
        MasterUsername="administrator",
        MasterUserPassword="kept-secret-1",
    )["DBCluster"]["DBClusterArn"]
    databases.create_db_instance(
        DBInstanceIdentifier=name, DBClusterIdentifier=name, DBInstanceClass="db.serverless", Engine="aurora-mysql"
    )
    data = aws.client("rds-data")
    with pytest.raises(data.exceptions.DatabaseUnavailableException, match=r"no instance of .* is available"):
        data.execute_statement(resourceArn=cluster, secretArn=secret, database="ledger", sql=statement)
