"""Requests that no client should send, and some that it should."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.api.gateway import SIGNATURE, Request

KEYS = ("k1", "k2", "k3")
VALID: dict[str, Any] = {
    "debit_account": "alice",
    "credit_account": "bob",
    "amount": "12.34",
    "currency": "EUR",
    "description": "order 7 \u00fc\u4e16\U0001f600",
    "metadata": {"b": "1", "a": "2"},
}
UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"

_HUGE = ["9" * 40, "9" * 5000, "1e400", "-0", "1" + "0" * 300]
_ODD: list[Any] = [
    None, True, False, 0, -1, 12.34, 10**40, -(2**63), 1e308, "", " ", "-1.00", "0.00", "12.3", "12.345", "1e2", "NaN",
    "Infinity", "0x10", "01.00", "1,000.00", "\u0661.00", "12.34\n", "12.34\0", "JPY", "eur", "XXX", "EUR\n", [], {},
    ["a"],
    {"a": 1}, {"": "x"}, {"a": None}, {"x" * 65: "y"}, {"a\0": "b"}, "x" * 501, "x" * 70_000, "\u202e", "\ufeff", "\0",
    "'; DROP TABLE ledger.entries; --", "../../etc/passwd", "{{7*7}}", "${jndi:ldap://x}", "<script>", "\r\nX: y",
    *_HUGE,
]  # fmt: skip
_RAW = [
    b"", b"{", b"}", b"[]", b"null", b"true", b"1", b'"text"', b"NaN", b'{"amount": NaN}', b'{"amount": Infinity}',
    b'{"amount": -Infinity}', b'{"amount": 1e999}', b'{"a": 1, "a": 2}', b'{"amount":"1.00","amount":"2.00"}',
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}", b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'{"a": "\xed\xa0\x80"}', b"\x00", b"{}\x00", b"{} {}",
    b"[" * 30_000, b'{"a":' * 10_000, b"{" + b'"a":1,' * 9_000 + b'"b":1}', b'"' + b"x" * 70_000 + b'"', b"9" * 5_000,
    b'{"metadata": {' + b",".join(b'"%d": "x"' % n for n in range(5_000)) + b"}}", b'{"a": 1' + b"0" * 5_000 + b"}",
    b"{" + b",".join(b'"%d": 1' % n for n in range(6_000)) + b"}", b"eyJhIjogMX0=", b"a=1&b=2", b"<xml/>", b"// x\n{}",
]  # fmt: skip
_MEGABYTE = [b"x" * 2**20, b'{"description": "' + b"x" * 2**20 + b'"}', b" " * 2**20 + b"{}"]
_SEGMENTS = [
    "", ".", "..", "%2e%2e", "%2F", "%00", "a%00b", "%", "%zz", "%ff", "%ed%a0%80", "%F0%9F%98%80", "{id}", "*", "~",
    "x" * 5_000,
    "alice%20", "alice;x=1", "-alice", "alice%0d%0aX:y", "nobody", "null", "0", UNKNOWN_ID,
    UNKNOWN_ID.replace("-", ""), "urn:uuid:" + UNKNOWN_ID, "%7B" + UNKNOWN_ID + "%7D",
    "1_000000-0000-0000-0000-000000000000",
    UNKNOWN_ID + "%0A", "5F0AD6A6-6C46-5D0E-9F6A-0D9F9C6C2B11", "%D9%A1" + UNKNOWN_ID[1:], "%2525", "alice%2Fbob",
]  # fmt: skip
_ACCOUNTS = ("alice", "bob")
_PATHS = [
    "/transactions", "/transactions", "/transactions", "/transactions", "/transactions/{}",
    "/transactions/{}/documents",
    "/transactions/{}/documents", "/accounts/{}", "/accounts/{}", "/healthz", "/", "", "//transactions",
    "/transactions/",
    "/transactions/../healthz", "/TRANSACTIONS", "/accounts", "/transactions/{}/documents/x", "/healthz/{}",
    "/$default/healthz",
    "/accounts/{}?limit=1", "/accounts/{}?limit=101", "/accounts/{}?before=" + UNKNOWN_ID,
    "/transactions/{}/documents", "/transactions/{}/documents?limit=0",
    "/transactions/%2e%2e/accounts", "/_aws/execute-api", "/transactions?debug=1", "/transactions/{}?x=%00&x=2",
]  # fmt: skip
_KEY_VALUES = [
    *KEYS, *KEYS, *KEYS, *KEYS, "", " ", "a b", "k\r\nX-Evil: 1", "k\n", "k\0", "x" * 128, "x" * 129, "x" * 9_000,
    "\u00e9",
    "\u0661", "k1,k2", "'", '"', "\\", "%0d%0a", "\ud83d\ude00", "\x7f",
]  # fmt: skip
_CONTENT_TYPES = [
    *["application/json"] * 24, "application/json; charset=utf-8", "application/json;charset=latin-1",
    "APPLICATION/JSON", "",
    "text/plain", "text/json", "application/xml", "application/x-www-form-urlencoded", "application/octet-stream",
    "multipart/form-data; boundary=x", "application/json\r\nX: y", "application/jsonp", "application/problem+json",
    "*/*", "json",
    "application/json, text/html", ";", "x" * 3_000,
]  # fmt: skip
_EXTRA = [
    ("content-encoding", "gzip"), ("content-encoding", "identity"), ("x-forwarded-for", "1.1.1.1\r\nA: b"),
    ("cookie", "a=b"),
    ("x-http-method-override", "DELETE"), ("transfer-encoding", "chunked"), ("content-length", "-1"), ("host", "evil"),
    ("accept", "text/html"), ("expect", "100-continue"), ("idempotency-key", "second"), ("content-type", "text/html"),
]  # fmt: skip


def _encoded(value: object) -> bytes:
    return json.dumps(value).encode()


_names = st.sampled_from([*VALID, *VALID, "extra", "id", "status", "__proto__", "", "amount ", "x" * 5_000, "\ud800"])
_changed = st.dictionaries(_names, st.sampled_from(_ODD) | st.text(max_size=8), max_size=3).map(
    lambda change: _encoded({**VALID, **change})
)
_without = st.sets(st.sampled_from(sorted(VALID)), max_size=3).map(
    lambda gone: _encoded({name: value for name, value in VALID.items() if name not in gone})
)
_documents = st.fixed_dictionaries(
    {},
    optional={
        "bytes": st.sampled_from([1, 2.0, 0, -1, 1.5, True, "1", 10**9, None]),
        "name": st.sampled_from(["a.pdf", "", "../x", "x" * 129, "a\0", "\u00e9", 1, None]),
        "content_type": st.sampled_from(["application/pdf", "text", "a/b\r\nX: y", 1, ""]),
        "extra": st.none(),
    },
).map(_encoded)
_tiny = st.sampled_from(
    [_encoded(VALID), _encoded({**VALID, "amount": "1.00"}), _encoded({"name": "a.pdf", "bytes": 1})]
)
_bodies = st.one_of(_tiny, _tiny, _changed, _without, _documents, st.sampled_from(_RAW), st.binary(max_size=64))
_document = st.just(_encoded({"name": "a.pdf", "bytes": 1}))
_no_object = st.sampled_from([b"", b"{", b"[]", b"null", b'{"name": "a.pdf"'])
_raw = st.sampled_from(_RAW)
_too_long = st.just(b" " * 70_000)
_rarely_huge = st.integers(0, 99).flatmap(lambda number: st.sampled_from(_MEGABYTE) if number == 0 else _bodies)


@st.composite
def requests(draw: st.DrawFn, known: tuple[str, ...]) -> Request:
    """Any request, biased towards routes that exist and ids of `known` transactions."""
    path = draw(st.sampled_from(_PATHS))
    if "{}" in path:
        segments = st.sampled_from(
            [*known * (60 if "documents" in path else 12), *_ACCOUNTS * 6, *_SEGMENTS]
        ) | st.text(max_size=6).map(_quoted)
        path = path.replace("{}", draw(segments))
    # few requests of these paths name a transaction or an account that is there
    often = ["GET"] * 8 if "?limit" in path else ["POST"] * 8 if path.endswith(("documents", "/transactions")) else []
    method = draw(
        st.sampled_from([*often, "POST", "POST", "GET", "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"])
    )
    headers = []
    if (key := draw(st.sampled_from([*_KEY_VALUES, None]))) is not None:
        headers.append(("Idempotency-Key", key))
    if (kind := draw(st.sampled_from([*_CONTENT_TYPES, None]))) is not None:
        headers.append(("Content-Type", kind))
    if draw(st.integers(0, 19)):
        headers.append(("Authorization", SIGNATURE))
    if draw(st.integers(0, 4)) == 0:
        headers.append(draw(st.sampled_from(_EXTRA)))
    bodies = (
        _documents | _document | _document | _no_object | _raw | _rarely_huge | _too_long
        if path.endswith("documents")
        else _rarely_huge
    )
    return Request(method, path, headers, draw(bodies) if method != "GET" else b"")


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
