from __future__ import annotations

from typing import Any

from tandem_runtime.projector.logic import Record, parse, project
from tandem_runtime.shared.ledger_connection import LedgerUnavailableError
from tandem_runtime.shared.transaction import Transaction

IDS = [f"00000000-0000-0000-0000-00000000000{n}" for n in range(3)]


def transaction(transaction_id: str, payload_hash: str = "a" * 64) -> Transaction:
    return Transaction(
        transaction_id=transaction_id,
        payload_hash=payload_hash,
        origin="us-east-1",
        recorded_at="2026-01-01T00:00:00.000000Z",
        debit_account="alice",
        credit_account="bob",
        amount=1,
        currency="EUR",
        metadata={},
    )


RECORDS = [Record(str(n), transaction(name)) for n, name in enumerate(IDS)]


class Replica:
    """Answers a verification with the positions it lacks, then with what it is."""

    def __init__(self, missing: list[list[int]], *, promoted_after: int | None = None) -> None:
        self.missing, self.calls, self.closed, self.inserted = missing, 0, 0, 0
        self._promoted_after = promoted_after

    @property
    def replica(self) -> bool:
        return self._promoted_after is None or self.calls < self._promoted_after

    def close(self) -> None:
        self.closed += 1

    def run(self, sql: str, **_: object) -> list[list[Any]]:
        if "pg_is_in_recovery" not in sql:
            self.inserted += 1
            return [[len(RECORDS), 0]]
        positions = self.missing[min(self.calls, len(self.missing) - 1)]
        self.calls += 1
        return [[self.replica, positions, []]]


def test_a_replica_that_holds_everything_is_verified() -> None:
    outcome = project(RECORDS, Replica([[]]), lambda: False)
    assert (outcome.verified, outcome.failed) == (3, None)


def test_a_replica_never_lets_the_checkpoint_past_a_row_that_it_lacks() -> None:
    ledger = Replica([[2, 3]])
    outcome = project(RECORDS, ledger, lambda: False)
    assert (outcome.verified, outcome.failed) == (1, "1")
    assert ledger.closed == 1


def test_a_row_that_arrives_while_waiting_is_verified() -> None:
    assert project(RECORDS, Replica([[3], []]), lambda: True).failed is None


def test_a_promotion_in_the_middle_of_a_batch_turns_verification_into_insertion() -> None:
    ledger = Replica([[1, 2, 3]], promoted_after=1)
    outcome = project(RECORDS, ledger, lambda: True)
    assert (outcome.inserted, outcome.failed, ledger.inserted) == (3, None, 1)


def test_a_ledger_that_is_away_fails_the_batch_from_its_first_record() -> None:
    class Away(Replica):
        def run(self, sql: str, **_: object) -> list[list[Any]]:
            raise LedgerUnavailableError(sql)

    assert project(RECORDS, Away([[]]), lambda: False).failed == "0"


def test_a_malformed_item_is_set_aside_and_blocks_nothing() -> None:
    good = transaction(IDS[0]).to_item()
    stream = [
        {"dynamodb": {"Keys": {"pk": good["pk"]}, "NewImage": {**good, "amount": {"N": "0"}}, "SequenceNumber": "1"}},
        {"dynamodb": {"Keys": {"pk": good["pk"]}, "NewImage": good, "SequenceNumber": "2"}},
    ]
    records, malformed = parse(stream)
    assert [record.sequence_number for record in records] == ["2"]
    assert len(malformed) == 1


def test_an_item_that_is_corrected_is_projected_although_its_old_image_is_malformed() -> None:
    good = transaction(IDS[0]).to_item()
    for old in ({"pk": good["pk"]}, {**good, "amount": {"N": "9" * 5000}}, {**good, "metadata": {"S": "[" * 5000}}):
        change = {"Keys": {"pk": good["pk"]}, "NewImage": good, "OldImage": old, "SequenceNumber": "1"}
        records, malformed = parse([{"eventName": "MODIFY", "dynamodb": change}])
        assert ([record.replaced for record in records], malformed) == ([None], [])


def test_records_that_no_journal_writes_block_nothing_and_are_seen_where_they_could_be_transactions() -> None:
    good = transaction(IDS[0]).to_item()
    keys = {"pk": good["pk"]}
    stream = [
        {"eventName": "REMOVE", "dynamodb": {"Keys": keys, "OldImage": {"pk": {"N": "7"}}, "SequenceNumber": "1"}},
        {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "probe#health#us-east-1"}}, "SequenceNumber": "2"}},
        {"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": "3"}},
        {"eventName": "MODIFY"},
        {"eventName": "MODIFY", "dynamodb": {"Keys": {"pk": {"N": "7"}}, "SequenceNumber": "4"}},
        {"eventName": "MODIFY", "dynamodb": {"Keys": keys, "NewImage": "text", "SequenceNumber": "5"}},
        {"eventName": "MODIFY", "dynamodb": {"Keys": keys, "NewImage": good, "OldImage": 7, "SequenceNumber": "6"}},
    ]
    records, malformed = parse(stream)  # type: ignore[arg-type] # what no stream should hold
    assert [record.sequence_number for record in records] == ["6"]
    assert len(malformed) == 4


def test_a_changed_payload_carries_the_image_that_it_replaced() -> None:
    old, new = transaction(IDS[0]), transaction(IDS[0], "b" * 64)
    change = {"Keys": {"pk": old.to_item()["pk"]}, "NewImage": new.to_item(), "OldImage": old.to_item()}
    records, _ = parse([{"dynamodb": {**change, "SequenceNumber": "1"}}])
    assert records[0].replaced == old
