"""What a client may ask for: every rule of `POST /transactions`, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from tandem_runtime.shared.money import parse_amount
from tandem_runtime.shared.problems import Problem
from tandem_runtime.shared.transaction import ACCOUNT, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAMESPACE = UUID("5f0ad6a6-6c46-5d0e-9f6a-0d9f9c6c2b11")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_KEY = re.compile(r"[!-+.-~-]{1,128}", re.ASCII)
"""Printable ASCII without space and comma: API Gateway joins a header that is sent twice by a comma (payload 2.0)."""
_DOCUMENT = re.compile(rf"{_UUID.pattern}/[A-Za-z0-9][A-Za-z0-9._-]{{0,127}}", re.ASCII)
_DOCUMENTS = 100
_MAXIMUM_BODY_BYTES = 65_536
_MAXIMUM_DESCRIPTION = 500
_MAXIMUM_METADATA = 20
_MAXIMUM_METADATA_KEY = 64
_OPTIONAL: dict[str, Any] = {"description": "", "metadata": {}}
"""The fields that may be left out, with what they are then."""
_LIMIT = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
MOST_ENTRIES = 100
"""How many entries a page of an account has at most, and where no `limit` is given."""


def json_body(event: Mapping[str, Any]) -> dict[str, Any]:
    """The request's JSON object; raises a 400, 413 or 415 `Problem`."""
    headers = event.get("headers") or {}
    content_type = str(headers.get("content-type", "")).partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise Problem(415, f"content type {content_type[:80]!r} is not supported: send application/json")
    encoding = str(headers.get("content-encoding", "identity")).strip().lower()
    if encoding != "identity":
        raise Problem(415, f"content encoding {encoding[:80]!r} is not supported: send the body as it is")
    body = event.get("body") or ""
    if len(body) > _MAXIMUM_BODY_BYTES * 4 // 3 + 4:
        raise Problem(413, f"body is longer than {_MAXIMUM_BODY_BYTES} bytes")
    try:
        raw = b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode("utf-8")
        if len(raw) > _MAXIMUM_BODY_BYTES:
            raise Problem(413, f"body is longer than {_MAXIMUM_BODY_BYTES} bytes")
        parsed = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique)
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # an escape may have brought half a character
    except (ValueError, RecursionError) as error:
        raise Problem(400, f"body is not JSON: {str(error)[:120]}") from error
    if not isinstance(parsed, dict):
        raise Problem(400, f"body is a JSON {type(parsed).__name__}: send an object")
    return parsed


def documents_page_of(event: Mapping[str, Any]) -> tuple[int, str]:
    """How many documents a page holds, and the one that it comes after ("" for none); raises a 400 `Problem`."""
    query = event.get("queryStringParameters") or {}
    limit, after = str(query.get("limit", _DOCUMENTS)), str(query.get("after", ""))
    if not _LIMIT.fullmatch(limit) or int(limit) > _DOCUMENTS:
        raise Problem(400, f"limit is {limit[:80]!r}: send a whole number from 1 to {_DOCUMENTS}, once")
    if after and not _DOCUMENT.fullmatch(after):
        raise Problem(400, f"after is {after[:80]!r}: send the document_id that `next` gave")
    return int(limit), after


def idempotency_key_of(event: Mapping[str, Any]) -> str:
    """The `Idempotency-Key` header; raises a 400 `Problem`."""
    key = str((event.get("headers") or {}).get("idempotency-key", ""))
    if not _KEY.fullmatch(key):
        raise Problem(
            400,
            f"header Idempotency-Key is {key[:80]!r}: send it once, as 1 to 128 printable ASCII characters "
            "without space or comma",
        )
    return key


def caller_of(event: Mapping[str, Any]) -> str:
    """Whose idempotency keys these are: keys of different callers never meet; raises a 401 `Problem` for nobody's.

    With a token they are its issuer's and subject's, because a subject is unique within its issuer only (RFC 7519,
    4.1.2). With a signature they are the role's or the user's: its id stands before the colon, and after it a session's
    name that changes (IAM User Guide, unique identifiers). All of these are the same in every Region. The account would
    not do, because it is the same for every caller of an HTTP API.
    """
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    if "jwt" in authorizer:
        claims = (authorizer["jwt"] or {}).get("claims") or {}
        names = [str(claims.get(name) or "") for name in ("iss", "sub")]
        if all(names):
            return json.dumps(names, separators=(",", ":"))
        raise Problem(401, "the token's claim iss or sub is missing or empty: send a token that names its subject")
    identity = str((authorizer.get("iam") or {}).get("userId") or "").partition(":")[0]
    if not identity:
        raise Problem(401, "the request does not say whose it is: sign it, or send a token")
    return identity


def uuid_of(text: str) -> str:
    """A transaction id from a path; raises a 404 `Problem`, because there can be no such transaction."""
    lower = text.lower()
    if not _UUID.fullmatch(lower):
        raise Problem(404, f"transaction {text[:80]!r} does not exist: an id looks like {_NAMESPACE}")
    return lower


def account_of(text: str) -> str:
    """An account's name from a path; raises a 404 `Problem`, because there can be no such account."""
    if not ACCOUNT.fullmatch(text):
        raise Problem(
            404, f"account {text[:80]!r} does not exist: a name has 1 to 64 letters, digits or any of . _ : -"
        )
    return text


def page_of(event: Mapping[str, Any]) -> tuple[int, str | None]:
    """The `limit` of a page of entries, and the transaction that it begins `before`; raises a 400 `Problem`.

    A parameter that is sent twice arrives joined by a comma (payload 2.0), and is refused for it.
    """
    parameters = event.get("queryStringParameters") or {}
    limit, before = str(parameters.get("limit", MOST_ENTRIES)), parameters.get("before")
    if not _LIMIT.fullmatch(limit) or int(limit) > MOST_ENTRIES:
        raise Problem(400, f"limit is {limit[:80]!r}: send a whole number from 1 to {MOST_ENTRIES}, once")
    if before is not None and not _UUID.fullmatch(str(before).lower()):
        raise Problem(400, f"before is {str(before)[:80]!r}: send the next of the page that you have, once")
    return int(limit), str(before).lower() if before is not None else None


def transaction_id_of(caller: str, idempotency_key: str) -> str:
    """The transaction's id: the same in every Region for the same caller and key."""
    return str(uuid5(_NAMESPACE, f"{caller}\n{idempotency_key}"))


def transaction_of(
    body: Mapping[str, Any], *, transaction_id: str, origin: str, recorded_at: str, caller: str
) -> Transaction:
    """Validate a request body; raises a 422 `Problem` that lists everything that is wrong with it."""
    errors: list[str] = []
    checks: dict[str, Callable[[Any], str | None]] = {
        "debit_account": _check_account,
        "credit_account": _check_account,
        "amount": _check_text,
        "currency": _check_text,
        "description": _check_description,
        "metadata": _check_metadata,
    }
    errors += [f"{name[:64]!r} is not a known field" for name in body if name not in checks]
    values = {name: body.get(name, _OPTIONAL.get(name)) for name in checks}
    for name, check in checks.items():
        reason = check(values[name])
        if reason:
            errors.append(f"{name} {reason}")
    amount = 0
    if not errors:
        try:
            amount = parse_amount(values["amount"], values["currency"])
        except ValueError as error:
            errors.append(str(error))
        if values["debit_account"] == values["credit_account"]:
            errors.append("debit_account and credit_account must differ")
    if errors:
        raise Problem(422, "the transaction is not valid", tuple(errors))
    canonical = {**values, "amount": amount}
    return Transaction(
        transaction_id=transaction_id,
        payload_hash=_hash_of(canonical),
        origin=origin,
        recorded_at=recorded_at,
        caller=caller,
        **canonical,
    )


def _hash_of(canonical: Mapping[str, Any]) -> str:
    """The payload's hash. What has its default stays out, so that a field that is added later changes no hash."""
    payload = {name: value for name, value in canonical.items() if name not in _OPTIONAL or value != _OPTIONAL[name]}
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return members


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not a JSON number")


def _check_text(value: object) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def _check_account(value: object) -> str | None:
    if isinstance(value, str) and ACCOUNT.fullmatch(value):
        return None
    return "must be 1 to 64 letters, digits or any of . _ : -, beginning with a letter or digit"


def _check_description(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= _MAXIMUM_DESCRIPTION and "\0" not in value:
        return None
    return f"must be a string of at most {_MAXIMUM_DESCRIPTION} characters without nul"


def _check_metadata(value: object) -> str | None:
    if (
        isinstance(value, dict)
        and len(value) <= _MAXIMUM_METADATA
        and all(
            isinstance(text, str) and len(text) <= _MAXIMUM_DESCRIPTION and "\0" not in text for text in value.values()
        )
        and all(0 < len(name) <= _MAXIMUM_METADATA_KEY and "\0" not in name for name in value)
    ):
        return None
    return f"must be an object of at most {_MAXIMUM_METADATA} strings of at most {_MAXIMUM_DESCRIPTION} characters"
