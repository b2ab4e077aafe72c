from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

ROOT = Path(__file__).parents[2]
STAGES = os.environ.get("TANDEM_LINT_STAGES", "").split()
"""The stages that `make audit` names."""

LONG = pytest.mark.skipif(not STAGES, reason="half a minute for each stage: make audit runs it")
PRIMARY = "us-east-1"
SECONDARY = "us-west-2"


def lint(region: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run cfn-lint as a developer would: in the checkout, whose `.cfnlintrc` it reads."""
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--format", "parseable", "--regions", region]
    return subprocess.run([*command, "--", *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=False)


def digest(region: str, files: list[Path]) -> str:
    """What the linter's answer depends on: its version, its settings, the Region and the templates."""
    parts = [metadata.version("cfn-lint").encode(), region.encode(), (ROOT / ".cfnlintrc").read_bytes()]
    for file in files:
        parts += [file.name.encode(), file.read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def region_of(stage: str, stack: str) -> str:
    return PRIMARY if stage == "dev" or stack == "PrimaryRegionStack" else SECONDARY


@LONG
@pytest.mark.parametrize("region", [PRIMARY, SECONDARY])
def test_cfn_lint_finds_nothing_in_any_stack_of_the_stages(templates: Stage, region: str, tmp_path: Path) -> None:
    files = []
    for stage in STAGES:
        for name, template in templates(stage).items():
            if region_of(stage, name) == region:
                file = tmp_path / f"{stage}-{name}.template.json"
                file.write_text(json.dumps(template.to_json()), encoding="utf-8")
                files.append(file)
    assert files
    passed = Path(tempfile.gettempdir()) / "tandem-linted" / digest(region, files)
    if passed.exists():  # the same cfn-lint found nothing in the same templates
        return
    done = lint(region, *files)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    passed.parent.mkdir(exist_ok=True)
    passed.touch()


@LONG
def test_cfn_lint_would_find_a_property_that_does_not_exist(tmp_path: Path) -> None:
    file = tmp_path / "wrong.template.json"
    wrong = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKey": "alias/aws/sns"}}
    file.write_text(json.dumps({"Resources": {"Topic": wrong}}), encoding="utf-8")
    done = lint(PRIMARY, file)
    assert done.returncode != 0
    assert "KmsMasterKey" in done.stdout


def test_a_changed_template_and_another_region_are_linted_again(tmp_path: Path) -> None:
    file = tmp_path / "a.template.json"
    file.write_text("{}", encoding="utf-8")
    before = digest(PRIMARY, [file])
    assert digest(SECONDARY, [file]) != before
    file.write_text('{"Resources": {}}', encoding="utf-8")
    assert digest(PRIMARY, [file]) != before
