"""What a played stage is seen as, made up for tests: two Regions that are well, and what a test changes of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from drills.play.seen import Seen
from drills.play.traffic import Traffic
from operations.stage_state import LedgerMembers, RegionState, StageState

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIMARY, SECONDARY = REGIONS = ("us-east-1", "us-west-2")


def check(region: str, *, healthy: bool = True) -> dict[str, Any]:
    return {
        "type": "HTTPS",
        "target": f"abc.execute-api.{region}.amazonaws.com/healthz",
        "inverted": False,
        "healthy": healthy,
        "interval_seconds": 1.0,
        "failure_threshold": 3,
    }


def control(**changed: Any) -> dict[str, Any]:
    """What the embedded AWS tells of itself."""
    return {
        "lost": [],
        "isolated": None,
        "pending_replication": 0,
        "health_checks": {region: check(region) for region in REGIONS},
        "tls": {"ports": {PRIMARY: 7001, SECONDARY: 7002}},
        **changed,
    }


def status(*, writer: str = PRIMARY, takeover: bool = False, **regions: Mapping[str, Any]) -> StageState:
    """What an operator's questions are answered."""

    def known(role: str) -> RegionState:
        usual: dict[str, Any] = {
            "role": role,
            "healthy": True,
            "heartbeat_age_seconds": 20.0,
            "iterator_age_seconds": 0.1,
            "ledger_answers": True,
            "conflicts": 0,
            "alarms": (),
        }
        return RegionState(**{**usual, **regions.get(role, {})})

    return StageState(
        stage="staging",
        account="000000000000",
        endpoint="http://127.0.0.1:4566",
        seen_from=SECONDARY,
        at=1000.0,
        traffic=PRIMARY,
        takeover=takeover,
        takeover_reason=None,
        takeover_at=None,
        recover_said=None,
        recover_said_at=None,
        ledger=LedgerMembers(status="available", writer=writer, members=REGIONS),
        plan=None,
        plan_evaluation=None,
        plan_warnings=(),
        quarantined=0,
        regions={PRIMARY: known("primary"), SECONDARY: known("secondary")},
        unread={},
    )


def seen(**changed: Any) -> Seen:
    """Two Regions that are well, without load."""
    usual = Seen(
        at=1000.0,
        stage="staging",
        regions=REGIONS,
        api_name="api.staging.example.com",
        control=control(),
        faults=[],
        status=status(),
        dns=PRIMARY,
        sent_to={PRIMARY: 12, SECONDARY: 0},
        traffic=Traffic(REGIONS).seen(0.0),
        lag=None,
        balances={PRIMARY: {"a": 150}, SECONDARY: {"a": 150}},
        rate=0.0,
        busy=None,
    )
    return replace(usual, **changed)
