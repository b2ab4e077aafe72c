from __future__ import annotations

from typing import Any

import pytest

from tandem_runtime.verify.logic import NotActiveError, verify


class Region:
    """A Region that writes its ledger or not, and whose sweeper answers `swept`."""

    name = "us-west-2"

    def __init__(self, *, writes: bool, swept: dict[str, Any]) -> None:
        self.swept = 0
        self._writes, self._answer = writes, swept

    def writes_ledger(self) -> bool:
        return self._writes

    def sweep(self) -> dict[str, Any]:
        self.swept += 1
        return self._answer


def test_a_region_that_writes_and_was_swept_is_verified_with_what_was_missing() -> None:
    region = Region(writes=True, swept={"role": "writer", "swept": True, "read": 7, "inserted": 2})
    assert verify(region) == {"verified": True, "read": 7, "inserted": 2}


def test_a_ledger_that_has_not_moved_is_not_swept() -> None:
    region = Region(writes=False, swept={})
    with pytest.raises(NotActiveError, match="us-west-2 is not the ledger's writer"):
        verify(region)
    assert region.swept == 0


def test_a_sweeper_that_still_finds_a_replica_fails_the_step() -> None:
    with pytest.raises(NotActiveError, match="found a replica ledger"):
        verify(Region(writes=True, swept={"role": "replica", "swept": False}))
