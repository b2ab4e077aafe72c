"""What one call costs at the embedded AWS's door: `python -m emulator.gates.timing`, in the emulator's environment."""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TYPE_CHECKING

from emulator.gates.door import Door
from emulator.gates.gate import Gate
from emulator.gates.models import operation
from emulator.gates.requests import HttpRequest
from emulator.gates.shapes import Checker

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS, ROUNDS = 2_000, 9
ATTRIBUTES = 11  # as many as an item of the journal has
PUT_ITEM = {
    "TableName": "journal",
    "Item": {f"attribute{number}": {"S": "value"} for number in range(ATTRIBUTES)},
    "ConditionExpression": "attribute_not_exists(pk)",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}


def main() -> int:
    """Print the microseconds that a PutItem takes to check, and to read and check."""
    put_item = operation("dynamodb", "PutItem")
    checker, door = Checker({}, wire_names=True), Door(Gate("refuse"), lambda _: None)
    request = HttpRequest(
        method="POST",
        path="/",
        query="",
        headers={"x-amz-target": "DynamoDB_20120810.PutItem", "content-type": "application/x-amz-json-1.0"},
        body=json.dumps(PUT_ITEM).encode(),
        service="dynamodb",
    )
    if checker.check(put_item, PUT_ITEM) or door.answer(request) is not None:
        raise RuntimeError("the request that is measured is refused: mend it")
    found = {
        "check_microseconds": _microseconds(lambda: checker.check(put_item, PUT_ITEM)),
        "door_microseconds": _microseconds(lambda: door.answer(request)),
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def _microseconds(call: Callable[[], object]) -> float:
    """The median processor time of a call."""
    taken = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(CALLS):
            call()
        taken.append((time.thread_time() - began) / CALLS * 1e6)
    return round(statistics.median(taken), 1)


if __name__ == "__main__":
    sys.exit(main())
