"""A journal is copied item by item, each at most once, and what lies there otherwise is told and left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from operations.clock import Clock
from operations.copy_journal import Copied, copy_journal
from operations.deployment import Deployment, Regions
from operations.errors import OperationError, WrongInputError
from tests.operations.states import A

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD, NEW = (Deployment(stage=name, regions=Regions(), parameters={A: {"role": "primary"}}) for name in ("old", "new"))
COUNT = 2500


def item(number: int, payload: str = "") -> dict[str, Any]:
    return {"pk": {"S": f"transaction#{number}"}, "payload_hash": {"S": payload or f"hash of {number}"}}


class Tables:
    """Both tables by name; refuses every put once with each of the codes that are left."""

    def __init__(self, *codes: str) -> None:
        self.items: dict[str, dict[str, dict[str, Any]]] = {"tandem-journal-old": {}, "tandem-journal-new": {}}
        self.codes = list(codes)

    def put(self, stage: str, *items: dict[str, Any]) -> None:
        self.items[f"tandem-journal-{stage}"].update({each["pk"]["S"]: each for each in items})

    def dynamodb(self, _: str) -> Tables:
        return self

    def get_paginator(self, _: str) -> Tables:
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert request["ConsistentRead"]
        held = list(self.items[request["TableName"]].values())
        yield from ({"Items": held[at : at + 700]} for at in range(0, len(held), 700))

    def put_item(self, **request: Any) -> None:
        if self.codes:
            raise ClientError({"Error": {"Code": self.codes.pop(), "Message": "refused"}}, "PutItem")
        key = request["Item"]["pk"]["S"]
        table = self.items[request["TableName"]]
        if key in table:
            answer: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "there"}, "Item": table[key]}
            raise ClientError(answer, "PutItem")
        table[key] = request["Item"]


def copy(tables: Tables) -> Copied:
    pauses: list[float] = []
    return copy_journal(tables, OLD, NEW, clock=Clock(sleep=pauses.append))  # type: ignore[arg-type]


def test_every_transaction_is_copied_as_it_is_and_a_second_run_writes_nothing() -> None:
    tables = Tables()
    tables.put("old", *map(item, range(COUNT)), {"pk": {"S": "probe#us-east-1"}})
    assert copy(tables) == Copied(written=COUNT, there=0, others=())
    old, new = tables.items.values()
    assert new == {key: held for key, held in old.items() if key.startswith("transaction#")}
    assert copy(tables) == Copied(written=0, there=COUNT, others=())


def test_an_item_with_another_payload_is_told_and_stays() -> None:
    tables = Tables()
    tables.put("old", item(1), item(2))
    tables.put("new", item(2, "another hash"))
    assert copy(tables) == Copied(written=1, there=0, others=("2",))
    assert tables.items["tandem-journal-new"]["transaction#2"]["payload_hash"] == {"S": "another hash"}


def test_a_throttle_and_a_conflict_of_regions_are_waited_out() -> None:
    tables = Tables("ThrottlingException", "ReplicatedWriteConflictException")
    tables.put("old", item(1), item(2))
    assert copy(tables).written == 2


def test_any_other_refusal_ends_it_with_what_to_do() -> None:
    tables = Tables("AccessDeniedException")
    tables.put("old", item(1))
    with pytest.raises(OperationError, match=r"AccessDeniedException.*run it again, it goes on"):
        copy(tables)


def test_a_stage_is_not_copied_into_itself() -> None:
    with pytest.raises(WrongInputError, match="both stages are 'old'"):
        copy_journal(Tables(), OLD, OLD)  # type: ignore[arg-type]
