"""Provide a journal table in an embedded AWS without the stacks, with the key and the index that the functions use."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.journal import BUCKET, PAYLOAD_HASH, RECORDED_AT, TIME_INDEX
from contract.tables import PARTITION_KEY
from drills.embedded.isolation import isolated_environment
from drills.embedded.process import EmbeddedAws
from operations.deployment import Regions
from tandem_runtime.shared.clients import client

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = "journal"
_REGION = "us-east-1"


@contextmanager
def embedded_journal() -> Iterator[tuple[Any, str]]:
    """Yield the functions' own client and the table's name; both end with the embedded AWS."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        Path(folder).chmod(0o755)  # its servers may run as somebody else
        try:
            with EmbeddedAws(Regions(), state=Path(folder) / "state", lag_milliseconds=0) as aws:
                os.environ.update(isolated_environment(aws.url))
                client.cache_clear()
                dynamodb = client("dynamodb", _REGION)
                dynamodb.create_table(
                    TableName=TABLE,
                    BillingMode="PAY_PER_REQUEST",
                    KeySchema=[{"AttributeName": PARTITION_KEY, "KeyType": "HASH"}],
                    AttributeDefinitions=[
                        {"AttributeName": name, "AttributeType": "S"} for name in (PARTITION_KEY, BUCKET, RECORDED_AT)
                    ],
                    GlobalSecondaryIndexes=[
                        {
                            "IndexName": TIME_INDEX,
                            "KeySchema": [
                                {"AttributeName": BUCKET, "KeyType": "HASH"},
                                {"AttributeName": RECORDED_AT, "KeyType": "RANGE"},
                            ],
                            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [PAYLOAD_HASH]},
                        }
                    ],
                )
                yield dynamodb, TABLE
        finally:
            client.cache_clear()
            os.environ.clear()
            os.environ.update(before)
