"""Conflicts are those of the writer's ledger and of quarantine, with what was posted and what the journal holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from command import ledger as command
from command.cli import main
from operations import conflicts as operation
from operations.conflicts import Conflicts, conflicts
from operations.deployment import Deployment, Regions
from operations.errors import OperationError
from operations.quarantine import QuarantinedItem
from tests.operations.states import A, B

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPLOYMENT = Deployment(stage="prod", regions=Regions(), parameters={A: {"role": "primary"}, B: {"role": "secondary"}})
NUMBER = "00000000-0000-4000-8000-000000000001"
ROW = [NUMBER, "ab" * 32, '{"amount": "1.00"}', "2026-01-31 12:00:00+00", "cd" * 32]
ARGUMENTS = ["conflicts", "--stage", "prod", "--endpoint-url", "http://127.0.0.1:1"]


def item(number: str, released_at: str | None = None) -> QuarantinedItem:
    return QuarantinedItem(
        key=f"transaction#{number}", reason="amount", quarantined_at="2026-01-31", region=B, released_at=released_at
    )


class Journal:
    """Holds one hash for every id, or refuses."""

    def __init__(self, held: str | None = "cd" * 32, *, denied: bool = False) -> None:
        self.held, self.denied = held, denied

    def dynamodb(self, _: str) -> Journal:
        return self

    def get_item(self, **_: Any) -> dict[str, Any]:
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetItem")
        return {"Item": {"payload_hash": {"S": self.held}}} if self.held else {}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer with one conflict, and a quarantine with one item held and one released."""
    monkeypatch.setattr(operation, "writer_region", lambda *_: B)
    monkeypatch.setattr(operation, "query", lambda *_: [ROW])
    monkeypatch.setattr(operation, "in_quarantine", lambda *_: [item("held"), item("gone", released_at="2026-02-01")])


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize("held", ["cd" * 32, None])
def test_each_payload_that_lost_comes_with_what_was_posted_and_what_the_journal_holds(held: str | None) -> None:
    journal: Any = Journal(held)
    listed = conflicts(journal, DEPLOYMENT)
    [lost] = listed.recorded
    assert (listed.region, lost.payload_hash, lost.posted_hash, lost.journal_hash) == (B, "ab" * 32, "cd" * 32, held)
    assert lost.image == {"amount": "1.00"}
    assert [each.transaction_id for each in listed.set_aside] == ["held"]


@pytest.mark.usefixtures("stage")
def test_a_journal_that_refuses_is_an_error_and_no_empty_answer() -> None:
    journal: Any = Journal(denied=True)
    with pytest.raises(OperationError, match="could not be read"):
        conflicts(journal, DEPLOYMENT)


@pytest.mark.usefixtures("stage")
def test_the_command_prints_both_lists_and_leaves_something_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal: Any = Journal()
    listed = conflicts(journal, DEPLOYMENT)

    def answer(recorded: Sequence[Any], held: Sequence[Any]) -> None:
        told = Conflicts(region=B, recorded=tuple(recorded), set_aside=tuple(held))
        monkeypatch.setattr(command, "conflicts", lambda *_: told)

    monkeypatch.setattr(command, "find_deployment", lambda *_: DEPLOYMENT)
    answer(listed.recorded, listed.set_aside)
    assert main(ARGUMENTS) == 3
    said = capsys.readouterr().out
    assert f"{NUMBER}: abababababab lost" in said
    assert "the ledger posted cdcdcdcdcdcd, the journal holds cdcdcdcdcdcd" in said
    assert said.endswith(f"1 conflicts in the ledger of {B}, 1 in quarantine\n")
    assert main([*ARGUMENTS, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["recorded"][0]["image"] == {"amount": "1.00"}
    answer((), ())
    assert main(ARGUMENTS) == 0
