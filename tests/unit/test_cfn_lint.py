from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

ROOT = Path(__file__).parents[2]
PRIMARY = "us-east-1"
SECONDARY = "us-west-2"


def lint(file: Path, region: str) -> subprocess.CompletedProcess[str]:
    """Run cfn-lint as a developer would: in the checkout, whose `.cfnlintrc` it reads."""
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--format", "parseable", "--regions", region]
    return subprocess.run([*command, "--", str(file)], cwd=ROOT, capture_output=True, text=True, check=False)


def region_of(stage: str, stack: str) -> str:
    return PRIMARY if stage == "dev" or stack == "PrimaryRegionStack" else SECONDARY


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_cfn_lint_finds_nothing_in_any_stack(templates: Stage, stage: str, tmp_path: Path) -> None:
    for name, template in templates(stage).items():
        file = tmp_path / f"{name}.template.json"
        file.write_text(json.dumps(template.to_json()), encoding="utf-8")
        done = lint(file, region_of(stage, name))
        assert (name, done.returncode, done.stdout, done.stderr) == (name, 0, "", "")


def test_cfn_lint_would_find_a_property_that_does_not_exist(tmp_path: Path) -> None:
    file = tmp_path / "wrong.template.json"
    wrong = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKey": "alias/aws/sns"}}
    file.write_text(json.dumps({"Resources": {"Topic": wrong}}), encoding="utf-8")
    done = lint(file, PRIMARY)
    assert done.returncode != 0
    assert "KmsMasterKey" in done.stdout
