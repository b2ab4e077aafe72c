from __future__ import annotations

from typing import Any

import pytest

from tandem_runtime.verify.logic import NotActiveError, verify


class Region:
    """A Region that writes its ledger or not, and whose sweeper answers `swept`."""

    name = "us-west-2"

    def __init__(self, *swept: dict[str, Any], writes: bool) -> None:
        self.requests: list[str | None] = []
        self._writes, self._answers = writes, iter(swept)

    def writes_ledger(self) -> bool:
        return self._writes

    def sweep(self, request: str | None) -> dict[str, Any]:
        self.requests.append(request)
        return next(self._answers)


def test_a_region_that_writes_and_was_swept_is_verified_with_what_was_missing() -> None:
    region = Region({"swept": True, "done": True, "read": 7, "inserted": 2}, writes=True)
    assert verify(region, wait=lambda: True) == {"verified": True, "read": 7, "inserted": 2}


def test_a_sweep_is_asked_for_until_it_is_through_and_another_one_is_waited_for() -> None:
    region = Region(
        {"swept": False, "busy": True},
        {"swept": True, "done": False, "request": "r", "read": 7, "inserted": 2},
        {"swept": False, "busy": True},
        {"swept": True, "done": True, "request": "r", "read": 1, "inserted": 0},
        writes=True,
    )
    assert verify(region, wait=lambda: True) == {"verified": True, "read": 8, "inserted": 2}
    assert region.requests == [None, None, "r", "r"]


def test_a_sweep_that_takes_too_long_fails_the_step() -> None:
    region = Region({"swept": True, "done": False, "request": "r", "read": 7, "inserted": 2}, writes=True)
    with pytest.raises(NotActiveError, match="not through yet: it has read 7 items"):
        verify(region, wait=lambda: False)


def test_a_ledger_that_has_not_moved_is_not_swept() -> None:
    region = Region(writes=False)
    with pytest.raises(NotActiveError, match="us-west-2 is not the ledger's writer"):
        verify(region, wait=lambda: True)
    assert region.requests == []


def test_a_sweeper_that_still_finds_a_replica_fails_the_step() -> None:
    with pytest.raises(NotActiveError, match="found a replica ledger"):
        verify(Region({"role": "replica", "swept": False}, writes=True), wait=lambda: True)
