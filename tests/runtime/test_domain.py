from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tandem_runtime.domain.logic import one_part, validations
from tests.functions import environment, load

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETER = "/tandem/test/checked-part"
EAST, WEST = "us-east-1", "us-west-2"
PROOF = {"Name": "_a.api.tandem.net.", "Type": "CNAME", "TTL": 300}


class Kept:
    """What a Region keeps, and how often it was written."""

    def __init__(self, part: str | None = None) -> None:
        self.part, self.writes = part, 0

    def read(self) -> str | None:
        return self.part

    def write(self, part: str) -> None:
        self.part, self.writes = part, self.writes + 1

    def remove(self) -> None:
        self.part = None


def never() -> str:
    raise AssertionError("a part was made although there is one")


def test_a_part_is_made_once_and_kept_in_every_region() -> None:
    regions = [Kept(), Kept()]
    assert one_part(regions, lambda: "new") == "new"
    assert [region.part for region in regions] == ["new", "new"]
    assert one_part(regions, never) == "new"
    assert [region.writes for region in regions] == [1, 1]


@pytest.mark.parametrize(("first", "second"), [("old", None), (None, "old"), ("old", "other")])
def test_what_a_region_keeps_is_what_all_get(first: str | None, second: str | None) -> None:
    regions = [Kept(first), Kept(second)]
    assert one_part(regions, never) == "old"
    assert [region.part for region in regions] == ["old", "old"]


def record(**changed: Any) -> dict[str, Any]:
    return {**PROOF, "ResourceRecords": [{"Value": "_b.xyz.acm-validations.aws."}], **changed}


def test_only_records_by_which_acm_validated_are_removed() -> None:
    others = [
        record(Type="TXT"),
        record(ResourceRecords=[{"Value": "d-1.execute-api.us-east-1.amazonaws.com"}]),
        record(ResourceRecords=[{"Value": "acm-validations.aws.example.net."}]),
        record(ResourceRecords=[]),
        {"Name": "tandem.net.", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.acm-validations.aws."}]},
        {"Name": "alias.tandem.net.", "Type": "CNAME", "AliasTarget": {"DNSName": "x."}},
    ]
    upper = record(ResourceRecords=[{"Value": "_B.XYZ.ACM-Validations.AWS"}])
    assert validations([others[0], record(), *others[1:], upper]) == [record(), upper]


class Ssm:
    """A Region's Parameter Store."""

    class exceptions:  # noqa: N801 - botocore's name
        class ParameterNotFound(Exception):  # noqa: N818 - botocore's name
            """No such parameter."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - botocore's names
        if Name not in self.values:
            raise self.exceptions.ParameterNotFound
        return {"Parameter": {"Value": self.values[Name]}}

    def put_parameter(self, *, Name: str, Value: str, **_: object) -> None:  # noqa: N803 - botocore's names
        self.values[Name] = Value

    def delete_parameter(self, *, Name: str) -> None:  # noqa: N803 - botocore's names
        if self.values.pop(Name, None) is None:
            raise self.exceptions.ParameterNotFound


class Route53:
    """A zone with one record of ACM's and one of somebody else's."""

    def __init__(self) -> None:
        self.records = [record(), record(Name="mine.tandem.net.", ResourceRecords=[{"Value": "elsewhere.net."}])]

    def get_paginator(self, operation: str) -> Route53:
        assert operation == "list_resource_record_sets"
        return self

    def paginate(self, *, HostedZoneId: str) -> list[dict[str, Any]]:  # noqa: N803 - botocore's names
        assert HostedZoneId == "Z1"
        return [{"ResourceRecordSets": [each]} for each in self.records]

    def change_resource_record_sets(self, *, HostedZoneId: str, ChangeBatch: Mapping[str, Any]) -> None:  # noqa: N803
        assert HostedZoneId == "Z1"
        for change in ChangeBatch["Changes"]:
            assert change["Action"] == "DELETE"
            self.records.remove(change["ResourceRecordSet"])


class Called:
    """The function, with AWS's parts replaced, and what it told CloudFormation."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in environment(region=WEST, role="secondary").items():
            monkeypatch.setenv(name, value)
        self.module = load("tandem_runtime.domain.handler")
        self.stores, self.route53 = {EAST: Ssm(), WEST: Ssm()}, Route53()
        self.told: list[dict[str, Any]] = []
        monkeypatch.setattr(self.module, "client", self._client)
        monkeypatch.setattr(self.module, "answer", lambda _event, **told: self.told.append(told))

    def _client(self, service: str, region: str) -> Any:
        return self.stores[region] if service == "ssm" else self.route53

    def __call__(self, request: str, **properties: Any) -> dict[str, Any]:
        event = {"RequestType": request, "LogicalResourceId": "It", "ResourceProperties": properties}
        self.module.handler(event, None)
        return self.told[-1]

    def part(self, request: str) -> dict[str, Any]:
        return self(request, Parameter=PARAMETER, Regions=[EAST, WEST])


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    return Called(monkeypatch)


def test_a_part_survives_updates_is_in_both_regions_and_goes_with_the_stage(called: Called) -> None:
    made = called.part("Create")
    part = made["secrets"]["Part"]
    assert len(part) == 48
    assert [store.values for store in called.stores.values()] == [{PARAMETER: part}] * 2
    assert called.part("Update")["secrets"]["Part"] == part
    assert called.part("Delete")["failure"] == ""
    assert called.part("Delete")["failure"] == ""  # CloudFormation may ask again
    assert [store.values for store in called.stores.values()] == [{}, {}]
    assert called.part("Create")["secrets"]["Part"] != part


def test_nothing_that_is_shown_or_logged_holds_the_part(called: Called, capsys: pytest.CaptureFixture[str]) -> None:
    answers = [called.part("Create"), called.part("Update"), called.part("Delete")]
    part = answers[0]["secrets"]["Part"]
    captured = capsys.readouterr()
    assert part not in captured.out + captured.err
    assert {each["physical_id"] for each in answers} == {PARAMETER}
    assert not any(part in each["failure"] for each in answers)


def test_a_zone_is_emptied_of_acms_records_when_it_goes_and_not_before(called: Called) -> None:
    called("Create", Zone="Z1")
    called("Update", Zone="Z1")
    assert len(called.route53.records) == 2
    assert called("Delete", Zone="Z1")["failure"] == ""
    assert [each["Name"] for each in called.route53.records] == ["mine.tandem.net."]
    assert called("Delete", Zone="Z1")["failure"] == ""


def test_a_failure_is_told_so_that_nobody_waits_for_an_hour(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError("not allowed")

    monkeypatch.setattr(called.stores[EAST], "put_parameter", refuse)
    assert called.part("Create")["failure"] == "It: PermissionError: not allowed"
