"""The table of changes names a test that exists for each row, and has a row for each test and each fixed setting."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from contract.fixed_settings import domain_key, fixed_settings
from tests.docs import markdown

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "changes.md").read_text(encoding="utf-8")
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
OF_THE_PROGRAM = {
    ("tests/changes/test_clean_failed.py", "test_a_stack_that_was_ever_complete_is_not_touched"),
    ("tests/changes/test_clean_failed.py", "test_a_stack_that_is_not_there_is_said_to_be_none"),
    (
        "tests/changes/test_exports.py",
        "test_every_exported_value_is_the_id_of_something_that_no_allowed_change_replaces",
    ),
    ("tests/changes/test_procedures.py", "test_the_archives_of_the_last_release_hold_what_its_commit_holds"),
}
"""Tests of `tests/changes` that show how a row is shown, not a row."""


def rows(heading: str) -> list[list[str]]:
    return markdown.rows(markdown.section(PAGE, heading))


def named_in(text: str) -> list[tuple[str, str]]:
    """The files and names of the tests that are named between backticks."""
    matches = (TEST.fullmatch(span) for span in markdown.spans(text))
    return [(match[1], match[2]) for match in matches if match]


def cases(file: Path) -> set[str]:
    """The names of a file's tests."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("row", rows("What works") + rows("What is refused"))
def test_each_row_names_tests_that_exist(row: list[str]) -> None:
    named = named_in(row[-1])
    assert named
    for file, name in named:
        assert name in cases(ROOT / file), f"{file} has no {name}"


def test_each_test_of_a_change_has_a_row() -> None:
    every = {
        (file.relative_to(ROOT).as_posix(), name)
        for file in (ROOT / "tests" / "changes").glob("test_*.py")
        for name in cases(file)
    }
    named = set(named_in(PAGE))
    assert every - named == OF_THE_PROGRAM


def test_each_setting_that_never_changes_is_in_the_table_of_what_is_refused() -> None:
    refused = {span for row in rows("What is refused") for cell in row for span in markdown.spans(cell)}
    staging = tomllib.loads((ROOT / "settings" / "staging.toml").read_text(encoding="utf-8"))
    for key in {*fixed_settings(staging), domain_key()}:
        assert key in refused
