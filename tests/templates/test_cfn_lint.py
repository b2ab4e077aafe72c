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
STAGES = ("dev", "staging", "prod")
PRIMARY = "us-east-1"
SECONDARY = "us-west-2"


def lint(region: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run cfn-lint as a developer would: in the checkout, whose `.cfnlintrc` it reads."""
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--format", "parseable", "--regions", region]
    return subprocess.run([*command, "--", *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=False)


def region_of(stage: str, stack: str) -> str:
    return PRIMARY if stage == "dev" or stack == "PrimaryRegionStack" else SECONDARY


@pytest.mark.parametrize("region", [PRIMARY, SECONDARY])
def test_cfn_lint_finds_nothing_in_any_stack_of_any_stage(templates: Stage, region: str, tmp_path: Path) -> None:
    files = []
    for stage in STAGES:
        for name, template in templates(stage).items():
            if region_of(stage, name) == region:
                file = tmp_path / f"{stage}-{name}.template.json"
                file.write_text(json.dumps(template.to_json()), encoding="utf-8")
                files.append(file)
    done = lint(region, *files)
    assert files
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_cfn_lint_would_find_a_property_that_does_not_exist(tmp_path: Path) -> None:
    file = tmp_path / "wrong.template.json"
    wrong = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKey": "alias/aws/sns"}}
    file.write_text(json.dumps({"Resources": {"Topic": wrong}}), encoding="utf-8")
    done = lint(PRIMARY, file)
    assert done.returncode != 0
    assert "KmsMasterKey" in done.stdout
