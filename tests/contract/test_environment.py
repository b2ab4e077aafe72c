"""A record is read back as it was written, and says which variable is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from contract.environment import Health, LedgerAccess, Place, Record, Sweeper, region_of, variable

PLACE = Place(
    stage="test",
    region_role="primary",
    other_region=None,
    journal_table="journal",
    operational_table="operational",
    service="tandem-health",
)
ACCESS = LedgerAccess(
    ledger_writer_host="writer",
    ledger_reader_host="reader",
    ledger_port="5432",
    ledger_database="ledger",
    ledger_user="somebody",
    ledger_idle_seconds=30,
)


@pytest.mark.parametrize(
    "record", [PLACE, ACCESS, Health(strong_reads=True, version="0123abcd"), Sweeper(sweep_margin_seconds=3600)]
)
def test_what_a_construct_writes_a_handler_reads(record: Record) -> None:
    assert type(record).read(record.variables()) == record


def test_a_variable_is_named_after_its_field() -> None:
    assert variable("journal_table") == "TANDEM_JOURNAL_TABLE"
    assert PLACE.variables()["TANDEM_JOURNAL_TABLE"] == "journal"


def test_a_missing_variable_is_named() -> None:
    variables = PLACE.variables() | {"TANDEM_STAGE": ""}
    with pytest.raises(ValueError, match="TANDEM_STAGE is missing"):
        Place.read(variables)


@pytest.mark.parametrize(
    ("record", "variables", "said"),
    [
        (Health, {"TANDEM_STRONG_READS": "yes"}, "TANDEM_STRONG_READS is 'yes': it must be true or false"),
        (Sweeper, {"TANDEM_SWEEP_MARGIN_SECONDS": "an hour"}, "TANDEM_SWEEP_MARGIN_SECONDS is 'an hour'"),
    ],
)
def test_a_value_of_another_kind_is_shown(record: type[Record], variables: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        record.read(variables)


def test_what_may_be_left_out_is_none_when_it_is_empty() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Some(Record):
        place: str | None
        seconds: int | None

    assert Some.read({"TANDEM_SECONDS": "15"}) == Some(place=None, seconds=15)


def test_the_region_is_the_one_that_lambda_names() -> None:
    assert region_of({"AWS_REGION": "us-east-1"}) == "us-east-1"
    with pytest.raises(ValueError, match="AWS_REGION is missing"):
        region_of({})
