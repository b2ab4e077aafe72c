"""The links to documents, as the functions' own client signs them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tandem_runtime.shared.clients import client
from tandem_runtime.transactions.documents import Documents

if TYPE_CHECKING:
    from collections.abc import Iterator

ID = "00000000-0000-4000-8000-000000000001"
BUCKET = "tandem-documents-test"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    client.cache_clear()
    yield monkeypatch
    client.cache_clear()


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1"])
def test_a_link_has_signature_version_4_and_the_regions_own_host_whatever_the_region(region: str) -> None:
    links = Documents(client("s3", region), BUCKET)
    url = urlsplit(links.upload(ID, {"name": "invoice.pdf", "bytes": 7})["upload_url"])
    signed = parse_qs(url.query)
    assert url.hostname == f"{BUCKET}.s3.{region}.amazonaws.com"
    assert signed["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert signed["X-Amz-Credential"][0].split("/")[2:] == [region, "s3", "aws4_request"]
    assert signed["X-Amz-SignedHeaders"] == ["content-length;content-type;host;if-none-match"]
    assert url.path.startswith(f"/transactions/{ID}/")


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_where_another_endpoint_stands_in_for_aws_the_link_leads_there(
    region: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    url = urlsplit(
        Documents(client("s3", region), BUCKET).upload(ID, {"name": "invoice.pdf", "bytes": 7})["upload_url"]
    )
    assert url.netloc == "127.0.0.1:4566"
    assert url.path.startswith(f"/{BUCKET}/transactions/{ID}/"), "an address takes no bucket in front of it"


class Bucket:
    """As many objects as it is asked for, a page at a time."""

    def __init__(self, objects: int) -> None:
        self._keys = [f"transactions/{ID}/{number:08d}" for number in range(objects)]

    def generate_presigned_url(self, _operation: str, **_: object) -> str:
        return "https://example.org"

    def list_objects_v2(self, *, MaxKeys: int, StartAfter: str = "", **_: object) -> dict[str, object]:  # noqa: N803 - S3's names
        rest = [key for key in self._keys if key > StartAfter]
        return {"Contents": [{"Key": key, "Size": 1} for key in rest[:MaxKeys]], "IsTruncated": len(rest) > MaxKeys}


@pytest.mark.parametrize(("objects", "limit"), [(0, 100), (100, 100), (2_345, 100), (7, 3)])
def test_pages_together_hold_every_document_once_also_past_what_one_listing_of_s3_gives(
    objects: int, limit: int
) -> None:
    documents, seen, after = Documents(Bucket(objects), BUCKET), list[str](), ""
    for _ in range(objects // limit + 1):
        page = documents.listing(ID, limit=limit, after=after)
        seen += [stored["document_id"] for stored in page["documents"]]
        after = page["next"] or ""
        if not after:
            break
    assert not after, "the last page says that it is the last"
    assert seen == [f"{number:08d}" for number in range(objects)]
