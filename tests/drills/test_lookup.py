from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from drills.measure.lookup import journal_ids
from operations.errors import OperationError

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

EAST = "us-east-1"


class Journal:
    """Processes as many keys of each batch read as it is told to, then all; it is every Region's client at once."""

    def __init__(self, *processed: int) -> None:
        self.calls = 0
        self._processed = list(processed)

    def dynamodb(self, _region: str) -> Journal:
        return self

    def journal_table(self, _region: str) -> str:
        return "journal"

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - DynamoDB's name
        self.calls += 1
        asked = RequestItems["journal"]
        assert asked["ConsistentRead"] is True
        done = self._processed.pop(0) if self._processed else len(asked["Keys"])
        left = {"journal": {**asked, "Keys": asked["Keys"][done:]}} if asked["Keys"][done:] else {}
        return {"Responses": {"journal": asked["Keys"][:done]}, "UnprocessedKeys": left}


def look_up(journal: Journal, count: int) -> tuple[set[str], list[float]]:
    slept: list[float] = []
    ids = [f"{number:08}" for number in range(count)]
    endpoint, deployment = cast("Endpoint", journal), cast("Deployment", journal)
    return journal_ids(endpoint, deployment, EAST, ids, sleep=slept.append), slept


def test_what_a_throttled_look_up_leaves_is_asked_for_again_after_a_pause() -> None:
    found, slept = look_up(Journal(30, 0, 0), 150)
    assert len(found) == 150
    assert len(slept) == 3


def test_a_look_up_that_yields_nothing_any_more_ends_with_an_error_within_half_a_minute() -> None:
    journal = Journal(30, *[0] * 1000)
    with pytest.raises(OperationError, match="journal is throttled: 70 items are not read yet"):
        look_up(journal, 100)
    assert journal.calls == 11


def test_a_look_up_that_is_not_throttled_does_not_pause() -> None:
    assert look_up(Journal(), 150) == ({f"{number:08}" for number in range(150)}, [])
