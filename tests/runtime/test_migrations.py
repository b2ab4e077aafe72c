"""Migrations as files: how one is split into statements, and that nobody rewrites one that was applied."""

from __future__ import annotations

import hashlib

import pytest

from tandem.migrations import MIGRATIONS
from tandem_runtime.migrate.logic import statements

APPLIED = {
    "0001_ledger.sql": "cf3fb2c490a76788dd8a0ef865a92c741132c09a4130a467870f6b031649cc86",
    "0002_application_user.sql": "cdfb85389815001bc9dd1125d841b4a50f1519a0d642aff041d77950e98c268e",
    "0003_sweep_positions.sql": "53d168c6e4000a38cc291241f24508c933f5cbb70166e13e8dc630288d562c55",
    "0004_time_index.sql": "50570c42c59a7623a5c3d994cd2a1d794a1f89d1fa3d77d4dc00c6d9bc182ea2",
}
"""The migrations of releases, by the SHA-256 of their bytes. A release adds its own; no line here ever changes."""


def test_a_migration_that_was_applied_never_changes() -> None:
    held = {name: hashlib.sha256((MIGRATIONS / name).read_bytes()).hexdigest() for name in APPLIED}
    assert held == APPLIED


def test_a_new_migration_comes_after_those_that_were_applied() -> None:
    new = {file.name for file in MIGRATIONS.glob("*.sql")} - APPLIED.keys()
    assert all(name > max(APPLIED) for name in new)
    assert all(name[:4].isdigit() and name[4] == "_" for name in new)


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("SELECT 'a;b'; SELECT 2;", ["SELECT 'a;b'", "SELECT 2"]),
        ("SELECT 1 -- x; y\n; SELECT 2", ["SELECT 1 -- x; y", "SELECT 2"]),
        ("-- x; y\nSELECT 1;\n-- z; it's\n", ["SELECT 1"]),
        ("DO $body$ BEGIN NULL; END $body$; SELECT 2;", ["DO $body$ BEGIN NULL; END $body$", "SELECT 2"]),
        ("DO $$ BEGIN PERFORM '$body$;'; END $$;", ["DO $$ BEGIN PERFORM '$body$;'; END $$"]),
        ("DO $a$ SELECT $b$;$b$; $a$; SELECT 2", ["DO $a$ SELECT $b$;$b$; $a$", "SELECT 2"]),
        ("SELECT 'it''s; one' || '--;'", ["SELECT 'it''s; one' || '--;'"]),
        ("SELECT E'it\\'s; one'; SELECT 2", ["SELECT E'it\\'s; one'", "SELECT 2"]),
        ('SELECT 1 AS "a;""b"; SELECT 2', ['SELECT 1 AS "a;""b"', "SELECT 2"]),
        ("/* a; b */ SELECT /* c; */ 1;;", ["SELECT /* c; */ 1"]),
        ("EXECUTE one($1); EXECUTE two($2)", ["EXECUTE one($1)", "EXECUTE two($2)"]),
        ("SELECT a$b$c; SELECT d$b$e", ["SELECT a$b$c", "SELECT d$b$e"]),
        ("", []),
    ],
)
def test_a_semicolon_ends_a_statement_only_where_postgresql_says_so(text: str, split: list[str]) -> None:
    assert statements(text) == split


@pytest.mark.parametrize("text", ["SELECT 'a; b", 'SELECT "a; b', "DO $body$ BEGIN; END $$;", "SELECT 1 /* a; b"])
def test_what_is_not_closed_is_named_before_anything_is_applied(text: str) -> None:
    with pytest.raises(ValueError, match="opens what nothing closes"):
        statements(text)
