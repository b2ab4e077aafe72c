"""What DynamoDB, S3 and SNS refuse while the customer key that encrypts something is disabled.

MiniStack's KMS knows the state of a key, and its other services never ask. Sources: DynamoDB Developer Guide,
"DynamoDB encryption usage notes" (a table whose key is disabled is not accessible, and a replica neither sends nor
receives); S3 Error Responses and KMS API Reference (`KMS.DisabledException`); SNS API Reference, Publish
(`KMSDisabled`). On AWS, DynamoDB and S3 keep data keys for some minutes, and notice later;
here they refuse at once. The words of DynamoDB's refusal are from public logs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_UNUSABLE = frozenset({"Disabled", "PendingDeletion"})
_ITEMS = frozenset(
    {
        *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
        *("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"),
    }
)
_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


def unusable(key: str | None) -> bool:
    """Whether a key, named by its ARN, is one that KMS knows and lets nobody use."""
    if not key:
        return False
    keys = ministack.everywhere(ministack.KMS_KEYS.value)
    return any(each["Arn"] == key and each["KeyState"] in _UNUSABLE for each in list(keys.values()))


def _any_unusable() -> bool:
    keys = ministack.everywhere(ministack.KMS_KEYS.value)
    return any(each["KeyState"] in _UNUSABLE for each in list(keys.values()))


def key_of(table: Mapping[str, Any] | None) -> str | None:
    """The ARN of the key that encrypts a table, None for DynamoDB's own."""
    key = ((table or {}).get("SSEDescription") or {}).get("KMSMasterKeyArn")
    return str(key) if key else None


def inaccessible(table: Mapping[str, Any] | None) -> bool:
    """Whether a table's key may not be used, so that nobody reads or writes an item and no stream is read."""
    return unusable(key_of(table))


def closed_regions() -> set[str]:
    """The Regions in which a table is not accessible: nothing is replicated to or from them."""
    if not _any_unusable():
        return set()
    tables = ministack.everywhere(ministack.DYNAMODB_TABLES.value)
    return {region for (_, region, _), table in list(tables.items()) if inaccessible(table)}


def install() -> None:
    """Stand in front of what reads and writes encrypted data."""
    _install_tables()
    _install_objects()
    for name in (ministack.SNS_PUBLISH, ministack.SNS_PUBLISH_BATCH):
        name.replace(_publishing(name.value))


def _install_tables() -> None:
    stock = ministack.DYNAMODB_HANDLE.value

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in _ITEMS and _any_unusable():
            for name in tables_of(body):
                table = ministack.DYNAMODB_TABLES.value.get(name.rpartition("/")[2])
                if inaccessible(table):
                    message = f"KMS key access denied error: {key_of(table)} is disabled."
                    return ministack.RESPONSES_JSON_ERROR.value("AccessDeniedException", message, 400)
        return await stock(method, path, headers, body, query)

    ministack.DYNAMODB_HANDLE.replace(handle)


def tables_of(body: bytes) -> Iterator[str]:
    """Name the tables, or their ARNs, that a request for items is about."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return  # MiniStack says what is wrong with it
    if not isinstance(request, dict):
        return
    if request.get("TableName"):
        yield str(request["TableName"])
    batch = request.get("RequestItems")
    yield from (str(name) for name in (batch if isinstance(batch, dict) else ()))
    for item in request.get("TransactItems") or ():
        yield from (str(each.get("TableName")) for each in item.values() if isinstance(each, dict))


def _install_objects() -> None:
    writing, reading = ministack.S3_WRITE_ENCRYPTION.value, ministack.S3_READ_ENCRYPTION.value

    def written(headers: dict[str, str], bucket: str) -> Any:
        kept, error = writing(headers, bucket)
        return (None, refused) if error is None and (refused := _refused_object(kept)) else (kept, error)

    def read(headers: dict[str, str], found: dict[str, Any]) -> Any:
        return reading(headers, found) or _refused_object(found.get("preserved_headers", {}))

    ministack.S3_WRITE_ENCRYPTION.replace(written)
    ministack.S3_READ_ENCRYPTION.replace(read)


def _refused_object(headers: Mapping[str, str]) -> Any:
    key = headers.get(_KEY_HEADER)
    return ministack.S3_ERROR.value("KMS.DisabledException", f"{key} is disabled.", 400) if unusable(key) else None


def _publishing(stock: Callable[..., Any]) -> Callable[..., Any]:
    def publish(parameters: Mapping[str, Any]) -> Any:
        named = parameters.get("TopicArn") or parameters.get("TargetArn")
        arn = str(named[0] if isinstance(named, list) else named)
        topic = ministack.SNS_TOPICS.value.get(arn) or {}
        key = (topic.get("attributes") or {}).get("KmsMasterKeyId")
        if unusable(key):
            return ministack.SNS_ERROR.value("KMSDisabled", f"{key} is disabled.", 400)
        return stock(parameters)

    return publish
