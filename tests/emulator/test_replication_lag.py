"""Aurora tells how far a standby is behind: a standby that replicates emits a value, and nobody else does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator import ministack
from emulator.aurora.replication_lag import NAME, ReplicationLag

EAST, WEST = "us-east-1", "us-west-2"


def arn(region: str, cluster: str) -> str:
    return f"arn:aws:rds:{region}:123456789012:cluster:{cluster}"


def node(region: str, **values: Any) -> SimpleNamespace:
    standby: dict[str, Any] = {"source": object(), "relay": SimpleNamespace(delay=0.08), "running": True}
    return SimpleNamespace(region=region, **(standby | values))


def emitted(monkeypatch: pytest.MonkeyPatch, nodes: dict[str, Any], *lost: str) -> list[tuple[Any, ...]]:
    points: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        type(ministack.CLOUDWATCH_RECORD), "value", property(lambda _: lambda *point: points.append(point))
    )
    monkeypatch.setattr(ministack, "request_scope", lambda *_: memoryview(b""))
    lag: Any = ReplicationLag(SimpleNamespace(nodes=nodes), 1.0, lambda region: region in lost)  # type: ignore[arg-type]
    lag.emit()
    return points


def test_a_standby_that_replicates_tells_the_lag_that_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {arn(EAST, "one"): node(EAST, source=None, relay=None), arn(WEST, "two"): node(WEST)}
    point = ("AWS/RDS", NAME, 80.0, "Milliseconds", {"DBClusterIdentifier": "two"})
    assert emitted(monkeypatch, nodes) == [point]


@pytest.mark.parametrize("values", [{"relay": None}, {"running": False}, {"source": None}])
def test_a_standby_without_a_link_or_that_is_down_or_promoted_is_silent(
    values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert emitted(monkeypatch, {arn(WEST, "two"): node(WEST, **values)}) == []


def test_a_lost_region_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert emitted(monkeypatch, {arn(WEST, "two"): node(WEST)}, WEST) == []
