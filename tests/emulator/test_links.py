"""The functions' links to documents lead to the embedded S3, which takes and gives what they name."""

from __future__ import annotations

import urllib.request
from importlib import import_module

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from tests.emulator.running import EAST, ROOT, WEST, embedded_aws

ID = "00000000-0000-4000-8000-000000000001"


def test_what_is_sent_to_a_link_is_what_its_download_link_gives_in_either_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "runtime"))  # the embedded AWS's environment does not hold the functions
    client = import_module("tandem_runtime.shared.clients").client
    make_documents = import_module("tandem_runtime.transactions.adapters").Documents
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
                link = documents.upload(ID, {"name": "invoice.txt", "content_type": "text/plain"})
                put = urllib.request.Request(  # noqa: S310 - loopback
                    link["upload_url"], data=region.encode(), method="PUT", headers={"content-type": "text/plain"}
                )
                assert urllib.request.urlopen(put, timeout=10).status == 200  # noqa: S310 - loopback
                [held] = documents.listing(ID)
                assert held["document_id"] == link["document_id"]
                with urllib.request.urlopen(held["download_url"], timeout=10) as answer:  # noqa: S310 - loopback
                    assert answer.read() == region.encode()
        finally:
            client.cache_clear()
