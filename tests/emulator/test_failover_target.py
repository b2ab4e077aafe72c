"""A global database fails over to a member that runs, and to no other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from emulator.aurora.failover_target import CODE, refusing_what_is_down

RUNS, DOWN = "arn-of-one-that-runs", "arn-of-one-that-is-down"
NODES: Any = {RUNS: SimpleNamespace(running=True), DOWN: SimpleNamespace(running=False)}


def asked(target: str) -> tuple[int, str]:
    handler = refusing_what_is_down(lambda _: (200, {}, b"moved"), NODES)
    status, _, body = handler({"TargetDbClusterIdentifier": [target]})
    return status, body.decode()


@pytest.mark.parametrize("target", [RUNS, "arn-of-none-of-these"])
def test_a_target_that_runs_or_is_unknown_is_left_to_rds(target: str) -> None:
    assert asked(target) == (200, "moved")


def test_a_target_that_is_down_is_refused_before_anything_moves() -> None:
    status, body = asked(DOWN)
    assert status == 400
    assert CODE in body
