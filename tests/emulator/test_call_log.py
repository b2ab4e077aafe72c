"""What the record of calls says, and what it forgets."""

from __future__ import annotations

import pytest

from emulator.faults.call_log import CallLog, operation_of


def test_an_operation_has_the_name_that_each_protocol_gives_it() -> None:
    form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert operation_of("POST", "/", {"x-amz-target": "DynamoDB_20120810.PutItem"}, {}, b"{}") == "PutItem"
    assert operation_of("POST", "/service/Arc/operation/GetPlan", {}, {}, b"") == "GetPlan"
    assert operation_of("POST", "/", form, {}, b"Action=AssumeRole&Version=2011-06-15") == "AssumeRole"
    assert operation_of("GET", "/", {}, {"Action": ["GetCallerIdentity"]}, b"") == "GetCallerIdentity"
    assert (
        operation_of("PUT", "/bucket", {}, {"versioning": [""], "X-Amz-Date": ["x"]}, b"") == "PUT /bucket?versioning"
    )


@pytest.mark.parametrize("body", [b"\xff\xfe", b"Action", b"&&&=", b"Action=", b"a" * 100_000])
def test_a_form_that_names_no_operation_is_named_by_its_path(body: bytes) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert operation_of("POST", "/x", form, {}, body) == "POST /x"


def test_the_record_says_how_much_it_dropped() -> None:
    calls = CallLog(limit=2)
    for number in range(5):
        calls.add(service="s3", operation=str(number), region=None, caller="")
    report = calls.report()
    assert [each["operation"] for each in report["calls"]] == ["3", "4"]
    assert report["dropped"] == 3
    assert calls.control("clear")
    assert calls.report()["calls"] == []
    assert calls.report()["dropped"] == 0


def test_the_record_is_off_until_it_is_switched_on() -> None:
    calls = CallLog()
    assert not calls.on
    assert calls.control("on")
    assert calls.on
    assert not calls.control("nonsense")
