"""A stage's name is one that every resource named after it may have; a Region's is one that AWS may give."""

from __future__ import annotations

import pytest

from contract.patterns import is_region, is_stage


@pytest.mark.parametrize("name", ["ab", "dev", "qa-1", "a1", "qa-eu-2", "a" * 16])
def test_a_name_that_every_service_takes_is_a_stage(name: str) -> None:
    assert is_stage(name)


@pytest.mark.parametrize(
    "name", ["", "a", "1a", "-a", "qa-", "qa--1", "Qa", "qa_1", "qa.1", "a" * 17, "qä", "dev\n", "a٣", " dev"]
)
def test_a_name_that_some_service_refuses_is_no_stage(name: str) -> None:
    assert not is_stage(name)


@pytest.mark.parametrize("name", ["us-east-1", "ap-southeast-2", "us-gov-west-1"])
def test_a_name_like_those_of_aws_is_a_region(name: str) -> None:
    assert is_region(name)


@pytest.mark.parametrize("name", ["", "us-east", "us-east-1a", "US-EAST-1", "us-east-٣", "us-east-1\n", "useast-1-"])
def test_a_name_that_aws_gives_no_region_is_none(name: str) -> None:
    assert not is_region(name)
