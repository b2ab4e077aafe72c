"""What the owner of a Region's database is answered: clusters are called `NAME-REGION`, their database `NAME`."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING, Any

import pg8000.native

if TYPE_CHECKING:
    from tests.emulator.running import Running

NAME = "ledger"
OWNER = "owner"
PASSWORD = "not-a-secret"  # noqa: S105 - loopback only


def query(aws: Running, region: str, sql: str) -> list[Any]:
    """What the Region's own database answers."""
    [cluster] = aws.client("rds", region).describe_db_clusters(DBClusterIdentifier=f"{NAME}-{region}")["DBClusters"]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = pg8000.native.Connection(
        OWNER,
        host=cluster["Endpoint"],
        port=cluster["Port"],
        database=NAME,
        password=PASSWORD,
        ssl_context=context,
    )
    with contextlib.closing(connection):
        return list(connection.run(sql) or [])
