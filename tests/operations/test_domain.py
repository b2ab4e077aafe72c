"""What is said of a stage that has no domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operations.deployment import Deployment, Regions, need_domain
from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from pathlib import Path

A, B = "us-east-1", "us-west-2"
URL = "https://abc.execute-api.us-east-1.amazonaws.com"


def deployment(**parameters: str) -> Deployment:
    values = {key.replace("_", "-"): value for key, value in parameters.items()}
    return Deployment(stage="west", regions=Regions(primary=A, secondary=B), parameters={A: values, B: {}})


def test_the_name_is_what_any_region_says() -> None:
    assert deployment(api_url=URL, api_name="api.tandem.test").api_name == "api.tandem.test"


def test_a_stage_without_a_domain_says_in_one_line_what_it_has_not_and_what_gives_it_one() -> None:
    with pytest.raises(WrongInputError, match=r"^stage 'west' has no domain, .* one name .*: add \[domain\].*$"):
        _ = deployment(api_url=URL).api_name


def test_a_stage_whose_parameters_nobody_tells_is_not_taken_for_one_without_a_domain() -> None:
    with pytest.raises(OperationError, match="/tandem/west/api-name is missing: deploy the stage again"):
        _ = deployment().api_name


def test_settings_without_a_domain_are_seen_before_anything_is_deployed(tmp_path: Path) -> None:
    file = tmp_path / "west.toml"
    file.write_text('[domain]\nname = "tandem.test"\n')
    need_domain("west", tmp_path)
    file.write_text('stage = "west"\n')
    with pytest.raises(WrongInputError, match="stage 'west' has no domain"):
        need_domain("west", tmp_path)
