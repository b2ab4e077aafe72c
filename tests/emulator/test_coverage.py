"""What a recording says of handlers that read all, part or nothing of what they are given."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.cloudformation.coverage import Recording, unread

if TYPE_CHECKING:
    from collections.abc import Callable

GIVEN = {"Name": "n", "Rules": [{"Id": 1, "Status": "on"}, {"Id": 2, "Extra": {"Deep": 1}}]}


def ignored_by(handler: Callable[[dict[str, Any]], object]) -> set[str]:
    recording = Recording()
    handler(recording.of(GIVEN))
    recording.close()
    return unread(recording.given, recording.read, recording.whole)


def test_what_nobody_asks_for_is_ignored() -> None:
    assert ignored_by(lambda properties: properties.get("Name")) == {"Rules"}


def test_a_list_that_is_handed_on_as_it_is_counts_as_read() -> None:
    assert ignored_by(lambda properties: (properties["Name"], properties["Rules"])) == set()


def test_an_element_that_is_read_in_part_leaves_the_rest_ignored() -> None:
    found = ignored_by(lambda properties: ("Name" in properties, [rule["Id"] for rule in properties["Rules"]]))
    assert found == {"Rules.Status", "Rules.Extra"}


@pytest.mark.parametrize("whole", [dict, copy.copy, copy.deepcopy, json.dumps, lambda given: {**given}])
def test_a_copy_is_told_because_nothing_can_be_noted_in_it(whole: Callable[[Any], object]) -> None:
    recording = Recording()
    whole(recording.of(GIVEN))
    assert "" in recording.whole


def test_what_is_asked_after_the_handler_returned_is_not_noted() -> None:
    recording = Recording()
    kept = recording.of(GIVEN)
    recording.close()
    assert kept["Name"] == "n"
    assert recording.read == set()
