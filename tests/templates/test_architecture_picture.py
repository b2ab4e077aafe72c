"""The picture of the architecture is drawn from the templates, so a stack that changes changes it."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.architecture import Resources, functions, picture, read, stores

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "architecture.svg"
WRITE = "TANDEM_WRITE_PICTURE"


@pytest.fixture(scope="module")
def stacks(synthesized: Callable[[str], Path]) -> dict[str, Resources]:
    return read(synthesized("staging"))


def test_the_picture_is_that_of_the_templates(stacks: dict[str, Resources]) -> None:
    drawn = picture(stacks)
    if WRITE in os.environ:
        PICTURE.write_text(drawn, encoding="utf-8")
    stale = f"the picture is stale: run {WRITE}=yes pytest tests/templates/test_architecture_picture.py, and look at it"
    assert PICTURE.read_text(encoding="utf-8") == drawn, stale


def test_what_calls_a_function_and_what_it_reaches_is_read_from_its_stack(stacks: dict[str, Resources]) -> None:
    by_role = {each.role: each for each in functions(stacks["PrimaryRegionStack"])}
    assert "API" in by_role["transactions"].callers
    assert by_role["transactions"].writes_journal
    assert by_role["projector"].reads_stream
    assert by_role["projector"].reaches_ledger
    assert by_role["sweeper"].reads_journal
    assert not by_role["sweeper"].writes_journal
    assert not by_role["takeover"].writes_journal, "what it writes is another table"
    assert "deployment" in by_role["migrate"].callers


def test_what_is_copied_no_longer_is_drawn_no_longer(stacks: dict[str, Resources]) -> None:
    assert stores(stacks) == {"Journal": "both", "Ledger": "over", "Documents": "both"}
    changed = copy.deepcopy(stacks)
    for stack in changed.values():
        for key in [key for key, each in stack.items() if each["Type"] == "AWS::RDS::GlobalCluster"]:
            del stack[key]
    assert stores(changed)["Ledger"] == ""
    assert "ledger copied" in picture(stacks)
    assert "ledger copied" not in picture(changed)
