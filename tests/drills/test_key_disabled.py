"""The drill in which the primary Region's customer key is disabled: which key, in which Region, and back again."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from drills.history.events import Faulted, Mended
from drills.history.history import History
from drills.scenarios.catalogue import SCENARIOS
from drills.scenarios.key_disabled import disable_key, enable_key
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIMARY, SECONDARY = "us-east-1", "us-west-2"
KEY = "arn:aws:kms:us-east-1:000000000000:key/mrk-1"


class Context:
    """A stage whose journal is encrypted by `key` in the primary Region."""

    def __init__(self, key: str | None) -> None:
        self.primary, self.secondary = PRIMARY, SECONDARY
        self.deployment = SimpleNamespace(journal_table=lambda _: "journal")
        self.history = History()
        self.calls: list[tuple[str, str, str]] = []
        description = {"SSEDescription": {"KMSMasterKeyArn": key}} if key else {}
        self._tables = SimpleNamespace(describe_table=lambda **_: {"Table": description})
        self.endpoint = SimpleNamespace(dynamodb=self._dynamodb, client=self._client)

    def _dynamodb(self, region: str) -> Any:
        assert region == PRIMARY
        return self._tables

    def _client(self, service: str, region: str) -> Any:
        assert service == "kms"
        return SimpleNamespace(
            disable_key=lambda **named: self.calls.append(("disable", region, named["KeyId"])),
            enable_key=lambda **named: self.calls.append(("enable", region, named["KeyId"])),
        )

    @contextmanager
    def phase(self, _name: str) -> Iterator[None]:
        yield


def test_the_primarys_own_key_is_disabled_and_enabled_and_the_outage_begins_with_it() -> None:
    context = Context(KEY)
    disable_key(context)  # type: ignore[arg-type]
    enable_key(context)  # type: ignore[arg-type]
    assert context.calls == [("disable", PRIMARY, KEY), ("enable", PRIMARY, KEY)]
    [fault] = context.history.of(Faulted)
    [mended] = context.history.of(Mended)
    assert (fault.region, fault.outage, mended.region, mended.what) == (PRIMARY, True, PRIMARY, fault.what)


def test_a_journal_that_no_customer_key_encrypts_is_no_rehearsal() -> None:
    with pytest.raises(OperationError, match="encrypted by no customer key"):
        disable_key(Context(None))  # type: ignore[arg-type]


def test_the_key_is_enabled_before_anybody_waits_for_both_regions() -> None:
    steps = [step.__name__ for step in SCENARIOS["key-disabled"].steps]
    assert steps.index("disable_key") < steps.index("force_failover") < steps.index("enable_key")
    assert steps.index("enable_key") < steps.index("converge")
