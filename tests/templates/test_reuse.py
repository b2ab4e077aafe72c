"""A cloud assembly is used again while nothing that it depends on has changed, and only then."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stacks import inputs
from tests.templates.conftest import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SOURCES = ("app.py", "stacks/placement.py", "settings/dev.toml", "requirements/project.txt", "build/functions/a.zip")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", [*SOURCES, "constructs/tandem/new.py"])
def test_a_source_that_is_changed_or_added_changes_the_digest(name: str, checkout: Path) -> None:
    before = inputs.digest(checkout, {"stage": "dev"}, {})
    assert inputs.digest(checkout, {"stage": "dev"}, {}) == before
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("changed", encoding="utf-8")
    assert inputs.digest(checkout, {"stage": "dev"}, {}) != before


def test_another_stage_and_another_validation_change_the_digest(checkout: Path) -> None:
    made = {
        inputs.digest(checkout, {"stage": stage}, environment)
        for stage in ("dev", "prod")
        for environment in ({}, {"CDK_VALIDATION": "false"})
    }
    assert len(made) == 4


def test_an_assembly_that_is_half_made_edited_or_of_other_inputs_is_not_used(tmp_path: Path) -> None:
    template = tmp_path / "GlobalStack.template.json"
    template.write_text("{}", encoding="utf-8")
    assert not inputs.unchanged(tmp_path, "digest")
    inputs.record(tmp_path, "digest")
    assert inputs.unchanged(tmp_path, "digest")
    assert not inputs.unchanged(tmp_path, "another")
    template.write_text("{ }", encoding="utf-8")
    assert not inputs.unchanged(tmp_path, "digest")


def test_the_app_does_not_even_load_cdk_where_the_same_inputs_were_synthesized(
    synthesized: Callable[[str], Path], tmp_path: Path
) -> None:
    assembly = tmp_path / "cdk.out"
    shutil.copytree(synthesized("dev"), assembly)
    context = {**CONTEXT, "stage": "dev", "account": "000000000000"}
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(assembly),
        "JSII_NODE": str(tmp_path / "no-node"),  # loading CDK fails
    }

    def run() -> int:
        command = [sys.executable, "app.py"]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode

    assert run() == 0
    (assembly / "tree.json").unlink()
    assert run() != 0
