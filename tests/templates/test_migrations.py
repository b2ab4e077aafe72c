from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tandem.migrations import migrations_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_the_schema_is_applied_again_when_a_migration_changes(tmp_path: Path) -> None:
    migration = tmp_path / "0001_first.sql"
    migration.write_text("select 1")
    before = migrations_version(tmp_path)
    assert migrations_version(tmp_path) == before
    migration.write_text("select 2")
    assert migrations_version(tmp_path) != before


def test_no_migrations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no migrations in"):
        migrations_version(tmp_path)


def test_only_the_primary_migrates_and_waits_for_its_writer(templates: Stage) -> None:
    primary, secondary = (templates("prod")[name] for name in ("PrimaryRegionStack", "SecondaryRegionStack"))
    (schema,) = primary.find_resources("Custom::TandemLedgerSchema").values()
    assert schema["Properties"]["Version"] == migrations_version()
    assert any("Writer" in name for name in schema["DependsOn"])
    secondary.resource_count_is("Custom::TandemLedgerSchema", 0)
