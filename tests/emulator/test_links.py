"""The functions' links to documents lead to the embedded S3, which takes and gives what they name."""

from __future__ import annotations

import urllib.error
import urllib.request
from importlib import import_module

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from tests.emulator.running import EAST, ROOT, WEST, embedded_aws

ID = "00000000-0000-4000-8000-000000000001"


def put(url: str, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, data=body, method="PUT", headers=headers)  # noqa: S310 - loopback
    try:
        return int(urllib.request.urlopen(request, timeout=10).status)  # noqa: S310 - loopback
    except urllib.error.HTTPError as error:
        return error.code


def test_what_is_sent_to_a_link_is_what_its_download_link_gives_in_either_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "runtime"))  # the embedded AWS's environment does not hold the functions
    client = import_module("tandem_runtime.shared.clients").client
    make_documents = import_module("tandem_runtime.transactions.documents").Documents
    with embedded_aws("links") as aws:
        for name, value in (("ENDPOINT_URL", aws.url), ("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test")):
            monkeypatch.setenv(f"AWS_{name}", value)
        client.cache_clear()
        try:
            for region in (EAST, WEST):
                bucket = f"links-{region}"
                located = {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
                aws.client("s3", region).create_bucket(Bucket=bucket, **located)
                documents = make_documents(client("s3", region), bucket)
                asked = {"name": "invoice.txt", "content_type": "text/plain", "bytes": len(region)}
                link = documents.upload(ID, asked)
                signed = link["headers"]
                refused = [
                    (region.encode() + b"!", signed | {"Content-Length": str(len(region) + 1)}),
                    (region.encode(), {name: value for name, value in signed.items() if name != "If-None-Match"}),
                    (region.encode(), signed | {"Content-Type": "text/html"}),
                ]
                assert [put(link["upload_url"], body, headers) for body, headers in refused] == [403, 403, 403]
                assert documents.listing(ID, limit=100, after="")["documents"] == []
                assert put(link["upload_url"], region.encode(), signed) == 200
                assert put(link["upload_url"], region[::-1].encode(), signed) == 412, "a link takes one upload"
                [held] = documents.listing(ID, limit=100, after="")["documents"]
                assert held["document_id"] == link["document_id"]
                with urllib.request.urlopen(held["download_url"], timeout=10) as answer:  # noqa: S310 - loopback
                    assert answer.read() == region.encode()
        finally:
            client.cache_clear()
