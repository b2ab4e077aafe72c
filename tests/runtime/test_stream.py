"""`stream` finds a table's stream, or enables it and waits, however often it is asked."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tandem_runtime.stream.adapters import RegionTable
from tandem_runtime.stream.logic import VIEW, stream_of

ARN = "arn:aws:dynamodb:us-west-2:000000000000:table/journal/stream/2026-01-01T00:00:00.000"


class DynamoDB:
    """One table: an enabled stream is there after `updating` more looks, and `refusals` come before it is enabled."""

    class exceptions:  # noqa: N801 - botocore's own name
        ClientError = ClientError

    def __init__(
        self, *, view: str | None, arn: str = "", updating: int = 0, refusals: list[str] | None = None
    ) -> None:
        self._view, self._arn, self._updating = view, arn, updating
        self._refusals = refusals or []
        self.updates: list[dict[str, Any]] = []

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803 - botocore's own name
        table: dict[str, Any] = {"TableName": TableName, "TableStatus": "ACTIVE", "LatestStreamArn": self._arn}
        if self._view:
            table["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": self._view}
        if self._view and self._updating:
            self._updating -= 1
            table["TableStatus"] = "UPDATING"
        return {"Table": table}

    def update_table(self, **request: Any) -> None:
        self.updates.append(request)
        if self._refusals:
            code = self._refusals.pop(0)
            raise ClientError({"Error": {"Code": code, "Message": "not now"}}, "UpdateTable")
        self._view, self._arn = request["StreamSpecification"]["StreamViewType"], ARN


def stream(dynamodb: DynamoDB, *, looks: int = 20) -> str:
    left = iter(range(looks))
    table = RegionTable(dynamodb, "journal")
    return stream_of(table, time_is_left=lambda: next(left, None) is not None, pause=lambda: None)


def test_a_stream_that_is_there_is_left_as_it_is() -> None:
    dynamodb = DynamoDB(view=VIEW, arn=ARN)
    assert [stream(dynamodb), stream(dynamodb)] == [ARN, ARN]
    assert dynamodb.updates == []


@pytest.mark.parametrize("left_over", ["", "arn:aws:dynamodb:us-west-2:000000000000:table/journal/stream/2025"])
def test_a_stream_that_is_missing_or_disabled_is_enabled_once_and_waited_for(left_over: str) -> None:
    dynamodb = DynamoDB(view=None, arn=left_over, updating=3)
    assert stream(dynamodb) == ARN
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert dynamodb.updates == [{"TableName": "journal", "StreamSpecification": specification}]


@pytest.mark.parametrize("code", ["LimitExceededException", "ResourceInUseException", "ValidationException"])
def test_a_table_that_cannot_be_updated_now_is_asked_again(code: str) -> None:
    dynamodb = DynamoDB(view=None, refusals=[code, code])
    assert stream(dynamodb) == ARN
    assert len(dynamodb.updates) == 3


def test_what_may_not_be_done_is_not_tried_again() -> None:
    dynamodb = DynamoDB(view=None, refusals=["AccessDeniedException"])
    with pytest.raises(ClientError, match="AccessDeniedException"):
        stream(dynamodb)


def test_a_stream_with_another_view_is_refused_because_it_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="the stream has the view KEYS_ONLY: disable it, and deploy again"):
        stream(DynamoDB(view="KEYS_ONLY", arn=ARN))


def test_running_out_of_time_says_why() -> None:
    with pytest.raises(TimeoutError, match=r"no stream yet \(.*ResourceInUseException.*\): deploy again"):
        stream(DynamoDB(view=None, refusals=["ResourceInUseException"] * 100), looks=3)
