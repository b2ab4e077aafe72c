"""The API's ways to the local ledger and the local document bucket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tandem_runtime.shared.problems import Problem

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import Rows


CALL_SECONDS = 1.5
"""Three tries of a call to AWS and the pauses between them end before the function's timeout: a 503 can be answered."""

_LINK_SECONDS = 900
_LATEST = "infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""The position that everything was recorded before."""

# Each side of an account has an index in the order of a page. So a page reads its own rows, however many there are.
_PAGE = """
SELECT id::text, currency::text, amount, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM (
    (SELECT id, currency, amount, recorded_at FROM ledger.transactions
     WHERE debit_account = :account AND (recorded_at, id) < (:time ::timestamptz, :id ::uuid)
     ORDER BY recorded_at DESC, id DESC LIMIT :limit ::int)
    UNION ALL
    (SELECT id, currency, -amount, recorded_at FROM ledger.transactions
     WHERE credit_account = :account AND (recorded_at, id) < (:time ::timestamptz, :id ::uuid)
     ORDER BY recorded_at DESC, id DESC LIMIT :limit ::int)
) AS sides
ORDER BY recorded_at DESC, id DESC LIMIT :limit ::int
"""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,64}", re.ASCII)


class LedgerAccounts:
    """Accounts as the local ledger has them."""

    def __init__(self, ledger: Rows) -> None:
        self._ledger = ledger

    def balances(self, account: str) -> list[tuple[str, int]]:
        """Currency and balance in minor units."""
        rows = self._ledger.run(
            "SELECT currency::text, balance FROM ledger.balances WHERE account = :account ORDER BY currency",
            account=account,
        )
        return [(currency, int(balance)) for currency, balance in rows]

    def entries(self, account: str, *, limit: int, before: str | None = None) -> list[tuple[str, str, int, str]]:
        """At most `limit` entries, newest first, of those that were recorded before the transaction `before`.

        Raises a 404 `Problem` where this ledger does not hold `before`.
        """
        time, transaction_id = self._position(before) if before else _LATEST
        rows = self._ledger.run(_PAGE, account=account, time=time, id=transaction_id, limit=limit)
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _position(self, transaction_id: str) -> tuple[str, str]:
        rows = self._ledger.run(
            "SELECT recorded_at::text FROM ledger.transactions WHERE id = :id ::uuid", id=transaction_id
        )
        if not rows:
            raise Problem(
                404, f"before names {transaction_id}, which this region's ledger does not hold: begin without it"
            )
        return str(rows[0][0]), transaction_id


class Documents:
    """Upload and download links into the local bucket; S3 copies what arrives to the other Region's."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def upload(self, transaction_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """A link that takes one PUT within 15 minutes; raises a 422 `Problem`."""
        name, content_type = body.get("name"), body.get("content_type", "application/octet-stream")
        errors = [f"{field[:64]!r} is not a known field" for field in body if field not in ("name", "content_type")]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            errors.append("name must be 1 to 128 letters, digits or any of . _ -, beginning with a letter or digit")
        if not isinstance(content_type, str) or not _CONTENT_TYPE.fullmatch(content_type):
            errors.append("content_type must be a media type such as application/pdf")
        if errors:
            raise Problem(422, "the document is not valid", tuple(errors))
        document_id = f"{uuid4()}/{name}"
        url = self._s3.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": f"transactions/{transaction_id}/{document_id}",
                "ContentType": content_type,
            },
            ExpiresIn=_LINK_SECONDS,
        )
        return {
            "document_id": document_id,
            "upload_url": url,
            "content_type": content_type,
            "expires_in_seconds": _LINK_SECONDS,
        }

    def listing(self, transaction_id: str) -> list[dict[str, Any]]:
        """What the local bucket holds for a transaction, each with a download link."""
        prefix = f"transactions/{transaction_id}/"
        answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix)
        return [
            {
                "document_id": stored["Key"].removeprefix(prefix),
                "bytes": stored["Size"],
                "download_url": self._s3.generate_presigned_url(
                    "get_object", Params={"Bucket": self._bucket, "Key": stored["Key"]}, ExpiresIn=_LINK_SECONDS
                ),
            }
            for stored in answer.get("Contents", [])
        ]
