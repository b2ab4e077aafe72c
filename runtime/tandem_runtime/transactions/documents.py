"""Documents of transactions: links into the local bucket, each for one upload, and pages of what it holds."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from tandem_runtime.shared.problems import Problem

_LINK_SECONDS = 900
_LARGEST_BYTES = 100 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,64}", re.ASCII)
_FIELDS = ("name", "bytes", "content_type")


class Documents:
    """Upload and download links into the local bucket; S3 copies what arrives to the other Region's."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def upload(self, transaction_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """A link that takes one PUT of so many bytes within 15 minutes; raises a 422 `Problem`.

        What the signature covers has to be sent as it was signed (S3 User Guide, Authenticating requests: query
        parameters, `X-Amz-SignedHeaders`). The length keeps a link from taking more than was asked for. `If-None-Match`
        keeps it from replacing what it brought before (S3 User Guide, conditional writes).
        """
        name, content_type = body.get("name"), body.get("content_type", "application/octet-stream")
        length = body.get("bytes")
        if isinstance(length, float) and length.is_integer():
            length = int(length)  # 3.0 is an integer in JSON Schema (Draft 2020-12, Validation, section 6.1.1)
        errors = [f"{field[:64]!r} is not a known field" for field in body if field not in _FIELDS]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            errors.append("name must be 1 to 128 letters, digits or any of . _ -, beginning with a letter or digit")
        if not isinstance(length, int) or isinstance(length, bool) or not 1 <= length <= _LARGEST_BYTES:
            errors.append(f"bytes must be the document's length, an integer from 1 to {_LARGEST_BYTES}")
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
                "ContentLength": length,
                "IfNoneMatch": "*",
            },
            ExpiresIn=_LINK_SECONDS,
        )
        return {
            "document_id": document_id,
            "upload_url": url,
            "headers": {"Content-Type": content_type, "Content-Length": str(length), "If-None-Match": "*"},
            "expires_in_seconds": _LINK_SECONDS,
        }

    def listing(self, transaction_id: str, *, limit: int, after: str) -> dict[str, Any]:
        """A page of what the local bucket holds for a transaction, each with a download link.

        `next` is what the following page comes after, and null on the last one.
        """
        prefix = f"transactions/{transaction_id}/"
        start = {"StartAfter": f"{prefix}{after}"} if after else {}
        answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=limit, **start)
        page = [
            {
                "document_id": stored["Key"].removeprefix(prefix),
                "bytes": stored["Size"],
                "download_url": self._s3.generate_presigned_url(
                    "get_object", Params={"Bucket": self._bucket, "Key": stored["Key"]}, ExpiresIn=_LINK_SECONDS
                ),
            }
            for stored in answer.get("Contents", [])
        ]
        return {"documents": page, "next": page[-1]["document_id"] if page and answer.get("IsTruncated") else None}
